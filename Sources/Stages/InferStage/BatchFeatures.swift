internal import BatchFormat
internal import Fault
internal import JSON
internal import StageRun

/// What a batch's tensors are: the configuration of the stage that made them, with the sample rate of the stage before.
enum BatchFeatures {
    /// Walks up the lineage from the input version until the sample rate is known.
    static func of(_ input: StageInput) throws(Fault) -> JSONObject {
        var features = input.identity.config
        var version = input
        while features["sample_rate"] == nil, let upstream = try version.madeFrom() {
            version = upstream
            features["sample_rate"] = version.identity.config["sample_rate"]
        }
        // What clean makes is what a waveform model takes.
        if features["kind"] == nil { features["kind"] = "waveform" }
        return features
    }
}
