public import Digests
internal import Fault
public import JSON

/// Where a version's input came from.
public struct InputReference: Sendable, Equatable {
    /// The input's pipeline.
    public let pipeline: String
    /// The input's batch.
    public let batch: String
    /// The input's stage.
    public let stage: String
    /// The input's version, `v3`.
    public let version: String
    /// The digest of the input's `batch.json`.
    public let digest: Digest

    /// Makes a reference to a sealed version.
    public init(pipeline: String, batch: String, stage: String, version: String, digest: Digest) {
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
        self.version = version
        self.digest = digest
    }

    /// The reference as written in seals.
    public var json: JSON {
        [
            "pipeline": .string(pipeline), "batch": .string(batch), "stage": .string(stage),
            "version": .string(version), "digest": .string(digest.hex),
        ]
    }

    init(_ json: JSON, path: String) throws(Fault) {
        guard let object = json.object else { throw Fault(.damaged, "'\(path)' lists an input that is not an object") }
        pipeline = try object.required("pipeline", path, \.string)
        batch = try object.required("batch", path, \.string)
        stage = try object.required("stage", path, \.string)
        version = try object.required("version", path, \.string)
        digest = try object.required("digest", path) { $0.string.flatMap(Digest.init(hex:)) }
    }

    /// Reads the `inputs` of a seal.
    static func list(_ object: JSONObject, path: String) throws(Fault) -> [InputReference] {
        var inputs: [InputReference] = []
        for json in try object.required("inputs", path, \.array) {
            inputs.append(try InputReference(json, path: path))
        }
        return inputs
    }
}

/// What a version is the result of: the part of its provenance that determines its bytes.
public struct VersionIdentity: Sendable {
    /// The pipeline's name.
    public let pipeline: String
    /// The batch's id.
    public let batch: String
    /// The stage's name.
    public let stage: String
    /// The tool that ran the stage.
    public let tool: String
    /// The tool's behaviour revision, raised whenever the same input and config give different bytes.
    public let revision: Int
    /// The result-bearing configuration.
    public let config: JSONObject
    /// The model's name, version and package digest, for stages that run one.
    public let model: JSON

    /// Makes an identity.
    public init(
        pipeline: String, batch: String, stage: String, tool: String, revision: Int, config: JSONObject,
        model: JSON = .null
    ) {
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
        self.tool = tool
        self.revision = revision
        self.config = config
        self.model = model
    }

    /// The key of a part made like this from an input: SHA-256 over the canonical JSON of everything that determines
    /// the part's bytes.
    public func key(input: Digest) -> Digest {
        let object: JSON = [
            "format": .int(Int64(BatchFormat.number)), "tool": .string(tool), "stage": .string(stage),
            "revision": .int(Int64(revision)), "config": .object(config),
            "model": model["digest"] ?? .null, "input": .string(input.hex),
        ]
        return Digest(of: object.bytes(.canonical))
    }

    /// Whether everything is the same, except for the name and version under which a model package is known.
    func isSame(as other: VersionIdentity) -> Bool {
        pipeline == other.pipeline && batch == other.batch && stage == other.stage
            && key(input: Digest(of: [])) == other.key(input: Digest(of: []))
    }

    var members: JSONObject {
        [
            "pipeline": .string(pipeline), "batch": .string(batch), "stage": .string(stage), "tool": .string(tool),
            "revision": .int(Int64(revision)), "config": .object(config), "model": model,
        ]
    }

    init(_ object: JSONObject, path: String) throws(Fault) {
        pipeline = try object.required("pipeline", path, \.string)
        batch = try object.required("batch", path, \.string)
        stage = try object.required("stage", path, \.string)
        tool = try object.required("tool", path, \.string)
        revision = try object.required("revision", path, \.int)
        config = try object.required("config", path, \.object)
        model = object["model"] ?? .null
    }
}
