internal import JSON
internal import PipelineConfig
internal import Processes
internal import Time

extension StageRequest {
    /// The stages that consume the raw objects of a stage; empty if there are none, or if the objects are kept.
    ///
    /// - Parameter tool: the tool that makes the stage's versions: only parts of fetch have raw objects.
    func consumers(of stage: String, madeBy tool: String) -> [StageConfig] {
        guard streaming.limits.consume, tool == StageTool.fetch.rawValue else { return [] }
        return streaming.readers[stage] ?? []
    }

    /// The record of a release that happens now.
    func releaseRecord() -> JSONObject {
        [
            "released_at": .string(WallClock.text(WallClock.now())), "host": .string(Machine.name()),
            "tool_version": .string(toolVersion),
        ]
    }
}
