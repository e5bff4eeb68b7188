internal import Fault
internal import Synchronization

/// Raised when a job's result is no longer needed.
final class CancelFlag: Sendable {
    private let isUp = Atomic(false)

    func raise() { isUp.store(true, ordering: .relaxed) }
    var isRaised: Bool { isUp.load(ordering: .relaxed) }
}

/// Whether a connection's thread should continue. The databases' callbacks read it on that thread.
final class Interruption: Sendable {
    private struct State {
        var job: CancelFlag?
        var deadline: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Starts a job, or ends the last one.
    func setJob(_ job: CancelFlag?) { state.withLock { $0 = State(job: job) } }

    /// Sets the deadline of the statement.
    func setDeadline(seconds: Double?) {
        let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        state.withLock { $0.deadline = deadline }
    }

    /// Whether the result is no longer needed.
    var isCancelled: Bool { state.withLock { $0.job?.isRaised ?? false } }

    /// Whether the statement has exceeded its deadline.
    var isOverdue: Bool { state.withLock { $0.deadline.map { ContinuousClock.now >= $0 } ?? false } }

    /// Throws if the result is no longer needed.
    func check() throws(Fault) {
        if isCancelled { throw Self.cancelled }
    }

    static let stopping = Fault(.unavailable, "the server is stopping")
    static let cancelled = Fault(.terminated, "the answer is no longer needed")

    static func overdue(seconds: Double) -> Fault {
        Fault(
            .retryLater,
            "the database needs more than \(Int(seconds.rounded(.up))) s for this; request fewer batches, or less")
    }
}
