public import Digests
public import Fault
internal import JSON

/// A part, as listed in its version's seal.
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

    init(name: String, digest: Digest, key: Digest, items: Int, rejected: Int, bytes: Int) {
        self.name = name
        self.digest = digest
        self.key = key
        self.items = items
        self.rejected = rejected
        self.bytes = bytes
    }

    init(_ json: JSON, expected: String, path: String) throws(Fault) {
        guard let part = json.object else { throw Fault(.damaged, "'\(path)' lists a part that is not an object") }
        name = try part.required("name", path, \.string)
        guard name == expected else { throw Fault(.damaged, "'\(path)' lists '\(name)' instead of \(expected)") }
        digest = try part.required("digest", path) { $0.string.flatMap(Digest.init(hex:)) }
        key = try part.required("key", path) { $0.string.flatMap(Digest.init(hex:)) }
        items = try part.requiredCount("items", path)
        rejected = try part.requiredCount("rejected", path)
        bytes = try part.requiredCount("bytes", path)
    }

    var json: JSON {
        [
            "name": .string(name), "digest": .string(digest.hex), "key": .string(key.hex),
            "items": .int(Int64(items)), "rejected": .int(Int64(rejected)), "bytes": .int(Int64(bytes)),
        ]
    }
}

/// `batch.json`: a whole version, sealed.
public struct VersionSeal: Sendable {
    /// What the version is the result of.
    public let identity: VersionIdentity
    /// The versions it was made from.
    public let inputs: [InputReference]
    /// Its parts, in order.
    public let parts: [PartEntry]
    /// Files outside the parts (a store's receipt).
    public let files: [SealedFile]
    /// Items that came in, over all parts.
    public let itemsIn: Int
    /// How many of them were cut into several.
    public let split: SplitCount
    /// Items that came out, over all parts.
    public let items: Int
    /// Rejected items by reason, over all parts.
    public let rejectedByReason: [(reason: String, count: Int)]
    /// The digest of the parts' keys: equal fingerprints mean equal versions.
    public let fingerprint: Digest
    /// What varied in the run: host, times, memory.
    public let run: RunFigures

    /// Items that came out or were rejected: the base of rejection ratios. If nothing was cut, as many as came in.
    public var settled: Int { items + rejected }
    /// Items rejected, over all parts.
    public var rejected: Int { PartSeal.sum(rejectedByReason) }
    /// Bytes of all parts' files.
    public var bytes: Int { Self.bytes(parts, files) }
    /// The seal's digest, over everything in the file but `run`.
    public var digest: Digest { sealed.digest }
    /// The seal as a file.
    public let sealed: SealedJSON

    /// The fingerprint of a list of part keys: SHA-256 over the canonical JSON of the array of their hex digits.
    public static func fingerprint(of keys: [Digest]) -> Digest {
        Digest(of: JSON.array(keys.map { .string($0.hex) }).bytes(.canonical))
    }

    /// Makes a seal from the parts' seals.
    public init(
        identity: VersionIdentity, inputs: [InputReference], parts: [(name: String, seal: PartSeal)],
        files: [SealedFile] = [], fingerprint: Digest? = nil, run: RunFigures
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
        split = parts.reduce(SplitCount()) { $0 + $1.seal.split }
        items = parts.reduce(0) { $0 + $1.seal.items }
        var counts: [String: Int] = [:]
        for (_, seal) in parts { for (reason, count) in seal.rejectedByReason { counts[reason, default: 0] += count } }
        rejectedByReason = counts.sorted { $0.key.precedesByBytes($1.key) }.map { ($0.key, $0.value) }
        self.fingerprint = fingerprint ?? Self.fingerprint(of: parts.map(\.seal.key))
        var body: JSONObject = ["format": .int(Int64(BatchFormat.number)), "kind": "version"]
        for (name, value) in identity.members.members { body[name] = value }
        body["inputs"] = .array(inputs.map(\.json))
        body["fingerprint"] = .string(self.fingerprint.hex)
        body["items_in"] = .int(Int64(itemsIn))
        split.write(to: &body)
        body["items"] = .int(Int64(items))
        body["rejected"] = .int(Int64(PartSeal.sum(rejectedByReason)))
        body["rejected_by_reason"] = PartSeal.countsJSON(rejectedByReason)
        body["bytes"] = .int(Int64(Self.bytes(self.parts, files)))
        body["parts"] = .array(self.parts.map(\.json))
        if !files.isEmpty { body["files"] = .array(files.map(\.json)) }
        sealed = SealedJSON(body, run: run.object(in: files.isEmpty ? .version : .load))
    }

    /// Reads and checks a version's seal.
    public init(reading path: String) throws(Fault) {
        sealed = try SealedJSON.read(path)
        let object = sealed.object
        guard object["kind"]?.string == "version" else { throw Fault(.damaged, "'\(path)' is not a version seal") }
        identity = try VersionIdentity(object, path: path)
        inputs = try InputReference.list(object, path: path)
        itemsIn = try object.requiredCount("items_in", path)
        split = try SplitCount(object, path)
        items = try object.requiredCount("items", path)
        rejectedByReason = try PartSeal.counts(object, path)
        fingerprint = try object.required("fingerprint", path) { $0.string.flatMap(Digest.init(hex:)) }
        var parts: [PartEntry] = []
        for json in try object.required("parts", path, \.array) {
            parts.append(try PartEntry(json, expected: VersionFolder.partName(parts.count), path: path))
        }
        self.parts = parts
        var files: [SealedFile] = []
        for json in object["files"]?.array ?? [] { files.append(try SealedFile(json, path: path)) }
        self.files = files
        run = RunFigures(object["run"]?.object ?? [:])
        try checkSums(object, path)
    }

    private func checkSums(_ object: JSONObject, _ path: String) throws(Fault) {
        let counted = try object.requiredCount("rejected", path)
        guard split.lines(for: itemsIn) == items + rejected, counted == rejected,
            // A store's version has no parts; it counts what it loaded.
            parts.isEmpty || parts.reduce(0, { $0 + $1.items }) == items,
            parts.isEmpty || parts.reduce(0, { $0 + $1.rejected }) == rejected
        else {
            throw Fault(.damaged, "'\(path)' does not add up: \(itemsIn) items in, \(items) out, \(rejected) rejected")
        }
        guard try object.requiredCount("bytes", path) == bytes else {
            throw Fault(.damaged, "'\(path)' does not add up: its files have \(bytes) bytes")
        }
    }

    private static func bytes(_ parts: [PartEntry], _ files: [SealedFile]) -> Int {
        parts.reduce(0) { $0 + $1.bytes } + PartSeal.sum(files)
    }
}
