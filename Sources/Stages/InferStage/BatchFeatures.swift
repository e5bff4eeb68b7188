internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON

/// What a batch's tensors are: the configuration of the stage that made them, with the sample rate of the stage before.
enum BatchFeatures {
    /// Walks up the lineage from the input version until the sample rate is known.
    static func of(_ input: VersionReader) throws(Fault) -> JSONObject {
        var features = input.seal.identity.config
        var version = input
        while features["sample_rate"] == nil, let upstream = version.seal.inputs.first {
            // ROOT/PIPELINE/BATCH/STAGE/VERSION
            let root = (0..<4).reduce(version.path) { path, _ in Folders.parent(of: path) }
            let path = "\(root)/\(upstream.pipeline)/\(upstream.batch)/\(upstream.stage)/\(upstream.version)"
            // A version that was copied away from its lineage can still be tried by hand.
            guard Folders.isFolder(path) else { break }
            version = try VersionReader(path)
            features["sample_rate"] = version.seal.identity.config["sample_rate"]
        }
        // What clean makes is what a waveform model takes.
        if features["kind"] == nil { features["kind"] = "waveform" }
        return features
    }
}
