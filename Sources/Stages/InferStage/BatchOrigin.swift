internal import BatchFormat
internal import Fault
internal import JSON
internal import PipelineConfig
internal import StageRun

/// The origin of a batch's tensors, from the lineage of their version.
struct BatchOrigin {
    /// The kind of the tensors: the configuration of the stage that made them, with the sample rate of the previous
    /// stage.
    let features: JSONObject
    /// The stage that cleaned the recordings, whose member of a ledger line gives their duration. `nil` if the lineage
    /// does not show it.
    let cleanStage: String?

    /// Follows the lineage from the input version, as far as it exists.
    init(of input: StageInput) throws(Fault) {
        var features = input.identity.config
        var version = input
        while version.identity.tool != StageTool.clean.rawValue, let upstream = try version.madeFrom() {
            version = upstream
            if features["sample_rate"] == nil { features["sample_rate"] = version.identity.config["sample_rate"] }
        }
        // Clean's output is the input of a waveform model.
        if features["kind"] == nil { features["kind"] = "waveform" }
        self.features = features
        cleanStage = version.identity.tool == StageTool.clean.rawValue ? version.identity.stage : nil
    }
}
