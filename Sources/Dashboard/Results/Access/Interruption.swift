internal import Fault
internal import Synchronization

/// Raised when nobody waits for a job any more.
final class CancelFlag: Sendable {
    private let isUp = Atomic(false)

    func raise() { isUp.store(true, ordering: .relaxed) }
    var isRaised: Bool { isUp.load(ordering: .relaxed) }
}

/// Whether a connection's thread should go on with what it is doing. Asked by the databases' own callbacks, on that thread.
final class Interruption: Sendable {
    private struct State {
        var job: CancelFlag?
        var deadline: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Begins a job, or ends the last one.
    func setJob(_ job: CancelFlag?) { state.withLock { $0 = State(job: job) } }

    /// Sets until when the statement may go on.
    func setDeadline(seconds: Double?) {
        let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        state.withLock { $0.deadline = deadline }
    }

    /// Whether nobody waits any more.
    var isCancelled: Bool { state.withLock { $0.job?.isRaised ?? false } }

    /// Whether the statement has gone on for too long.
    var isOverdue: Bool { state.withLock { $0.deadline.map { ContinuousClock.now >= $0 } ?? false } }

    /// Throws if nobody waits any more.
    func check() throws(Fault) {
        if isCancelled { throw Self.cancelled }
    }

    static let stopping = Fault(.unavailable, "the server is stopping")
    static let cancelled = Fault(.terminated, "nobody waits for the answer any more")

    static func overdue(seconds: Double) -> Fault {
        Fault(
            .retryLater,
            "the database needs more than \(Int(seconds.rounded(.up))) s for this: ask for fewer batches, or for less")
    }
}
