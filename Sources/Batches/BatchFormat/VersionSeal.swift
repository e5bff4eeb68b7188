public import Digests
public import Fault
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

    /// Refers to a sealed version.
    public init(pipeline: String, batch: String, stage: String, version: String, digest: Digest) {
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
        self.version = version
        self.digest = digest
    }

    /// The reference as it stands in seals.
    public var json: JSON {
        [
            "pipeline": .string(pipeline), "batch": .string(batch), "stage": .string(stage),
            "version": .string(version), "digest": .string(digest.hex),
        ]
    }

    init(_ json: JSON, path: String) throws(Fault) {
        guard let object = json.object else { throw Fault(.damaged, "'\(path)' names an input that is no object") }
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

/// What a version is the result of: the part of its provenance that decides its bytes.
public struct VersionIdentity: Sendable {
    /// The pipeline's name.
    public let pipeline: String
    /// The batch's id.
    public let batch: String
    /// The stage's name.
    public let stage: String
    /// The tool that ran the stage.
    public let tool: String
    /// The tool's behaviour revision: raised whenever the same input and config give other bytes.
    public let revision: Int
    /// The result-bearing configuration.
    public let config: JSONObject
    /// The model's name, version and package digest, for stages that run one.
    public let model: JSON

    /// Describes a version's making.
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

    /// The key of a part made in this way from the given input: SHA-256 over the canonical JSON of everything that
    /// decides the part's bytes.
    public func key(input: Digest) -> Digest {
        let object: JSON = [
            "format": .int(Int64(BatchFormat.number)), "tool": .string(tool), "stage": .string(stage),
            "revision": .int(Int64(revision)), "config": .object(config),
            "model": model["digest"] ?? .null, "input": .string(input.hex),
        ]
        return Digest(of: object.bytes(.canonical))
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

/// A part, as its version's seal vouches for it.
public struct PartEntry: Sendable {
    /// `part-00000`
    public let name: String
    /// The digest of the part's seal.
    public let digest: Digest
    /// The part's key.
    public let key: Digest
    /// Items in the part.
    public let items: Int
    /// Items rejected in the part.
    public let rejected: Int
    /// Bytes of the part's files.
    public let bytes: Int
}

/// `batch.json`: a whole version, sealed.
public struct VersionSeal: Sendable {
    /// What the version is the result of.
    public let identity: VersionIdentity
    /// The versions it was made from.
    public let inputs: [InputReference]
    /// Its parts, in order.
    public let parts: [PartEntry]
    /// Files beside the parts (a store's receipt).
    public let files: [SealedFile]
    /// Items that came in, over all parts.
    public let itemsIn: Int
    /// Items that came out, over all parts.
    public let items: Int
    /// Rejected items by reason, over all parts.
    public let rejectedByReason: [(reason: String, count: Int)]
    /// The digest of the parts' keys: equal fingerprints mean equal versions.
    public let fingerprint: Digest
    /// What varied in the run: host, times, memory.
    public let run: JSONObject

    /// Items rejected, over all parts.
    public var rejected: Int { rejectedByReason.reduce(0) { $0 + $1.count } }
    /// Bytes of all parts' files.
    public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } + files.reduce(0) { $0 + $1.bytes } }
    /// The seal's digest.
    public var digest: Digest { sealed.digest }

    /// The fingerprint of a list of part keys: SHA-256 over the canonical JSON of the array of their hex digits.
    public static func fingerprint(of keys: [Digest]) -> Digest {
        Digest(of: JSON.array(keys.map { .string($0.hex) }).bytes(.canonical))
    }

    /// Puts a seal together from the parts' seals.
    public init(
        identity: VersionIdentity, inputs: [InputReference], parts: [(name: String, seal: PartSeal)],
        files: [SealedFile] = [], fingerprint: Digest? = nil, run: JSONObject
    ) {
        self.identity = identity
        self.inputs = inputs
        self.files = files
        self.run = run
        self.parts = parts.map { name, seal in
            PartEntry(
                name: name, digest: seal.digest, key: seal.key, items: seal.items, rejected: seal.rejected,
                bytes: seal.bytes)
        }
        itemsIn = parts.reduce(0) { $0 + $1.seal.itemsIn }
        items = parts.reduce(0) { $0 + $1.seal.items }
        var counts: [String: Int] = [:]
        for (_, seal) in parts { for (reason, count) in seal.rejectedByReason { counts[reason, default: 0] += count } }
        rejectedByReason = counts.sorted { $0.key.precedesByBytes($1.key) }.map { ($0.key, $0.value) }
        self.fingerprint = fingerprint ?? Self.fingerprint(of: parts.map(\.seal.key))
    }

    /// The seal as a file.
    public var sealed: SealedJSON {
        var body: JSONObject = ["format": .int(Int64(BatchFormat.number)), "kind": "version"]
        for (name, value) in identity.members.members { body[name] = value }
        body["inputs"] = .array(inputs.map(\.json))
        body["fingerprint"] = .string(fingerprint.hex)
        body["items_in"] = .int(Int64(itemsIn))
        body["items"] = .int(Int64(items))
        body["rejected"] = .int(Int64(rejected))
        body["rejected_by_reason"] = PartSeal.countsJSON(rejectedByReason)
        body["bytes"] = .int(Int64(bytes))
        body["parts"] = .array(
            parts.map {
                [
                    "name": .string($0.name), "digest": .string($0.digest.hex), "key": .string($0.key.hex),
                    "items": .int(Int64($0.items)), "rejected": .int(Int64($0.rejected)),
                    "bytes": .int(Int64($0.bytes)),
                ]
            })
        if !files.isEmpty { body["files"] = .array(files.map(\.json)) }
        return SealedJSON(body, run: run)
    }

    /// Reads and checks a version's seal.
    public init(reading path: String) throws(Fault) {
        let object = try SealedJSON.read(path).object
        guard object["kind"]?.string == "version" else { throw Fault(.damaged, "'\(path)' is no version's seal") }
        identity = try VersionIdentity(object, path: path)
        inputs = try InputReference.list(object, path: path)
        itemsIn = try object.required("items_in", path, \.int)
        items = try object.required("items", path, \.int)
        rejectedByReason = PartSeal.counts(try object.required("rejected_by_reason", path, \.object))
        fingerprint = try object.required("fingerprint", path) { $0.string.flatMap(Digest.init(hex:)) }
        var parts: [PartEntry] = []
        for json in try object.required("parts", path, \.array) {
            guard let part = json.object else { throw Fault(.damaged, "'\(path)' lists a part that is no object") }
            parts.append(
                PartEntry(
                    name: try part.required("name", path, \.string),
                    digest: try part.required("digest", path) { $0.string.flatMap(Digest.init(hex:)) },
                    key: try part.required("key", path) { $0.string.flatMap(Digest.init(hex:)) },
                    items: try part.required("items", path, \.int),
                    rejected: try part.required("rejected", path, \.int),
                    bytes: try part.required("bytes", path, \.int)))
        }
        self.parts = parts
        var files: [SealedFile] = []
        for json in object["files"]?.array ?? [] { files.append(try SealedFile(json, path: path)) }
        self.files = files
        run = object["run"]?.object ?? [:]
    }
}
