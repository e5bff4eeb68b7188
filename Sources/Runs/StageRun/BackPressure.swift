internal import BatchFormat
internal import Fault
internal import PipelineConfig

/// Keeps a run from getting too far ahead of those who follow it, and from filling the disk with what they have consumed.
final class BackPressure {
    private let folder: StageFolder
    private let limits: StreamConfig
    private let context: RunContext
    private let objects: ConsumedObjects?
    /// Seconds spent waiting for followers.
    private(set) var waited = 0.0

    /// - Parameter version: the version that is being written.
    init(_ folder: StageFolder, version: String, _ request: StageRequest, _ context: RunContext) {
        self.folder = folder
        self.context = context
        limits = request.streaming.limits
        objects = ConsumedObjects(version: version, stage: folder.stage, request)
    }

    /// Whether only parts that are sealed can be counted.
    var countsBytes: Bool { objects != nil && limits.diskBudget != nil }

    /// Waits, before part `index` is made, until the slowest living follower is near enough, and there is room on the disk.
    func holdBack(at index: Int) throws(Fault) {
        let began = Clock.monotonic()
        var isWaiting = false
        while try isTooFar(index, since: began) {
            isWaiting = true
            try GrowingPlan.pause(context)
        }
        if isWaiting { waited += Clock.monotonic() - began }
    }

    private func isTooFar(_ index: Int, since began: Double) throws(Fault) -> Bool {
        let progress = try FollowerMarks.progress(of: folder)
        let slowest = progress.values.min()
        try objects?.release(progress)
        if let slowest, index - slowest >= limits.maxPartsAhead { return true }
        guard let objects, let budget = limits.diskBudget, objects.bytes >= budget else { return false }
        // Nobody makes room: those who read this stage are not there, or have consumed all that they can.
        if slowest ?? index >= index, Clock.monotonic() - began > limits.followWait {
            throw Fault(
                .retryLater,
                "\(objects.bytes) bytes of raw objects wait to be consumed, stream.disk_budget is \(budget), and no stage "
                    + "that follows '\(folder.path)' makes room; run those after it, then this again")
        }
        return true
    }
}
