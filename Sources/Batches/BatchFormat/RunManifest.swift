public import Digests
internal import Durable
public import Fault
public import JSON

/// `run.json`: written before anything else in a version, so that even a run that dies has recorded what it was.
public struct RunManifest: Sendable {
    /// What the version will be the result of.
    public let identity: VersionIdentity
    /// The stage's whole configuration, including gates and limits.
    public let effectiveConfig: JSONObject
    /// The versions it is made from.
    public let inputs: [InputReference]
    /// The digest of the parts' keys as planned; `nil` while the input is still growing.
    public let fingerprint: Digest?
    /// Who ran it, where and when.
    public let run: RunFigures

    /// Describes a run about to start.
    public init(
        identity: VersionIdentity, effectiveConfig: JSONObject, inputs: [InputReference], fingerprint: Digest?,
        run: RunFigures
    ) {
        self.identity = identity
        self.effectiveConfig = effectiveConfig
        self.inputs = inputs
        self.fingerprint = fingerprint
        self.run = run
    }

    /// The manifest as a file.
    public var sealed: SealedJSON {
        var body: JSONObject = ["format": .int(Int64(BatchFormat.number)), "kind": "run"]
        for (name, value) in identity.members.members { body[name] = value }
        body["effective_config"] = .object(effectiveConfig)
        body["inputs"] = .array(inputs.map(\.json))
        body["fingerprint"] = fingerprint.map { .string($0.hex) } ?? .null
        return SealedJSON(body, run: run.object(in: .manifest))
    }

    /// Reads and checks a manifest.
    public init(reading path: String) throws(Fault) {
        let object = try SealedJSON.read(path).object
        guard object["kind"]?.string == "run" else { throw Fault(.damaged, "'\(path)' is not a run manifest") }
        identity = try VersionIdentity(object, path: path)
        effectiveConfig = try object.required("effective_config", path, \.object)
        inputs = try InputReference.list(object, path: path)
        fingerprint = object["fingerprint"]?.string.flatMap(Digest.init(hex:))
        run = RunFigures(object["run"]?.object ?? [:])
    }
}
