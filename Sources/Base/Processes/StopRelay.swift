/// Passes a stop that was asked of us on to programs, once.
struct StopRelay {
    private var isDone = StopFlag.isRaised

    /// Asks programs to stop if we have been asked since this relay was made.
    mutating func pass(to children: [ChildProcess]) {
        guard StopFlag.isRaised, !isDone else { return }
        isDone = true
        for child in children { child.stop() }
    }
}
