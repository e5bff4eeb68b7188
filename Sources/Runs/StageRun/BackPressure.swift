internal import BatchFormat
internal import Fault
internal import PipelineConfig

/// Keeps a run from getting too far ahead of those who follow it.
final class BackPressure {
    private let folder: StageFolder
    private let most: Int
    private let context: RunContext
    /// Seconds spent waiting for followers.
    private(set) var waited = 0.0

    init(_ folder: StageFolder, _ request: StageRequest, _ context: RunContext) {
        self.folder = folder
        most = request.streaming.limits.maxPartsAhead
        self.context = context
    }

    /// Waits, before part `index` is made, until the slowest living follower is near enough.
    func holdBack(at index: Int) throws(Fault) {
        guard try isTooFar(index) else { return }
        let began = Clock.monotonic()
        defer { waited += Clock.monotonic() - began }
        repeat { try GrowingPlan.pause(context) } while try isTooFar(index)
    }

    private func isTooFar(_ index: Int) throws(Fault) -> Bool {
        guard index >= most, let slowest = try FollowerMarks.slowest(of: folder) else { return false }
        return index - slowest >= most
    }
}
