internal import BatchFormat
internal import Fault
internal import PipelineConfig
internal import Removal
internal import Time

/// Keeps a run from getting too far ahead of its followers, and from filling the disk before they have consumed its
/// objects.
final class BackPressure {
    private let folder: StageFolder
    private let version: String
    private let request: StageRequest
    private let context: RunContext
    private let objects: ConsumedObjects?
    /// When all stages that free space were last seen, or the run began.
    private var seen = MonotonicClock.now()
    /// Seconds spent waiting for followers.
    private(set) var waited = 0.0

    /// - Parameters:
    ///   - version: the version being written.
    ///   - tool: the tool that makes it.
    init(_ folder: StageFolder, version: String, madeBy tool: String, _ request: StageRequest, _ context: RunContext) {
        self.folder = folder
        self.version = version
        self.request = request
        self.context = context
        objects = ConsumedObjects(
            folder, version: version, readers: request.consumers(of: folder.stage, madeBy: tool))
    }

    private var limits: StreamConfig { request.streaming.limits }

    /// Whether only sealed parts can be counted.
    var countsBytes: Bool { objects != nil && limits.diskBudget != nil }

    /// Waits, before part `index` is made, until the slowest running follower is near enough, and there is room on
    /// disk.
    func holdBack(at index: Int) throws(Fault) {
        let began = MonotonicClock.now()
        var isWaiting = false
        while try isTooFar(index) {
            isWaiting = true
            try GrowingPlan.pause(context)
        }
        if isWaiting { waited += MonotonicClock.now() - began }
    }

    private func isTooFar(_ index: Int) throws(Fault) -> Bool {
        let progress = try FollowerMarks.progress(of: folder)
        try objects?.release(progress, record: request.releaseRecord())
        if let slowest = progress.values.min(), index - slowest >= limits.maxPartsAhead { return true }
        guard let objects, let budget = limits.diskBudget, objects.bytes >= budget else { return false }
        if let pin = folder.sealedPin(), folder.version(pin) != version {
            throw Fault(
                .retryLater,
                "\(objects.bytes) bytes of raw objects wait to be consumed, stream.disk_budget is \(budget), and no stage reads "
                    + "'\(version)', because current is pinned to v\(pin) by hand; 'batches use … \(folder.stage) --unpin' makes the "
                    + "stages read it")
        }
        let absent = objects.readers.filter { progress[$0] == nil }
        if absent.isEmpty {
            seen = MonotonicClock.now()
            return true
        }
        for reader in absent {
            guard MonotonicClock.now() - seen <= limits.followWait, try isComing(reader) else {
                throw nobodyMakesRoom(objects.bytes, budget, reader)
            }
        }
        return true
    }

    /// Whether a run of a stage may be about to follow this one: those of a stream start together, and any other takes
    /// its stage's lock before it looks for a run to follow.
    private func isComing(_ stage: String) throws(Fault) -> Bool {
        if request.streaming.night != nil { return true }
        switch WriterMark.look(at: try request.address.stage(stage))?.state {
        case .choosing, .writing: return true
        case nil, .ended, .died: return false
        }
    }

    private func nobodyMakesRoom(_ bytes: Int, _ budget: Int, _ reader: String) -> Fault {
        Fault(
            .retryLater,
            "\(bytes) bytes of raw objects wait to be consumed, stream.disk_budget is \(budget), and no run of '\(reader)' "
                + "follows '\(folder.path)' to free space, so running it again alone does not help; run all stages at once with "
                + "'nocturne stream' (with --force to fetch everything again), or start with '\(reader) --follow'")
    }
}
