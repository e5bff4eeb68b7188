/// Passes a stop that was asked of us on to programs, once.
public struct StopRelay: Sendable {
    private var isDone = StopFlag.isRaised

    /// A relay for stops from now on.
    public init() {}

    /// Asks programs to stop if we have been asked since this relay was made.
    public mutating func pass(to children: [ChildProcess]) {
        guard StopFlag.isRaised, !isDone else { return }
        isDone = true
        for child in children { child.stop() }
    }
}
