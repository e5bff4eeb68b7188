public import BatchFormat
public import Fault
internal import JSON
internal import Processes
internal import Synchronization

/// Shows the progress of a run; the tool decides how.
public protocol ProgressReporting: Sendable {
    /// Reports how many of the run's items are done.
    func update(done: Int, of total: Int)
}

/// Shows nothing.
public struct NoProgress: ProgressReporting {
    /// Makes one.
    public init() {}
    /// Does nothing.
    public func update(done: Int, of total: Int) {}
}

/// What a stage receives besides its input: how many workers to use, where to report, and when to stop.
public final class RunContext: Sendable {
    /// The number of items to process at the same time.
    public let jobs: Int
    /// The run's log.
    public let events: EventLog
    private let progress: any ProgressReporting
    private let heedsStops: Bool
    private let done = Atomic<Int>(0)
    private let total = Atomic<Int>(0)

    /// Makes a context.
    ///
    /// - Parameter heedsStops: whether ``checkStop()`` has an effect; not for a run that ends in order when it is asked
    ///   to stop.
    public init(
        jobs: Int, events: EventLog, progress: any ProgressReporting = NoProgress(), heedsStops: Bool = true
    ) {
        self.jobs = jobs
        self.events = events
        self.progress = progress
        self.heedsStops = heedsStops
    }

    /// The same, for a run that ends in order by itself when it is asked to stop.
    public func withoutStops() -> RunContext {
        RunContext(jobs: jobs, events: events, progress: progress, heedsStops: false)
    }

    /// Throws after SIGINT or SIGTERM; stages call it between items.
    public func checkStop() throws(Fault) { if heedsStops { try StopFlag.check() } }

    /// Reports that more items are done, for the progress display.
    public func advance(by items: Int = 1) {
        let now = done.add(items, ordering: .relaxed).newValue
        progress.update(done: now, of: max(now, total.load(ordering: .relaxed)))
    }

    /// Records that this stage rejects an item.
    public func noteRejected(_ id: ItemID, reason: String, message: String) {
        events.record(ItemRejected(id, reason: reason, message: message))
    }

    /// Sets the run's total number of items, for the progress display.
    public func expect(_ items: Int) { total.store(items, ordering: .relaxed) }
}
