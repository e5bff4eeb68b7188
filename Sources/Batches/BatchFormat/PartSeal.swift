public import Digests
public import Fault
internal import JSON

/// A file of a part, as listed in the part's seal.
public struct SealedFile: Sendable, Equatable {
    /// The path inside the part, with `/` between components.
    public let name: String
    /// Size in bytes.
    public let bytes: Int
    /// SHA-256 of the content.
    public let sha256: Digest

    /// Describes a file.
    public init(name: String, bytes: Int, sha256: Digest) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }

    var json: JSON { ["name": .string(name), "bytes": .int(Int64(bytes)), "sha256": .string(sha256.hex)] }

    init(_ json: JSON, path: String) throws(Fault) {
        guard let object = json.object else { throw Fault(.damaged, "'\(path)' lists a file that is not an object") }
        name = try object.required("name", path) { $0.string.flatMap { Self.isInside($0) ? $0 : nil } }
        bytes = try object.requiredCount("bytes", path)
        sha256 = try object.required("sha256", path) { $0.string.flatMap(Digest.init(hex:)) }
    }

    /// Whether a name stays inside the folder that it is relative to.
    private static func isInside(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) && !$0.contains(0)
        }
    }
}

/// `part.json`: what a part contains, and the key it was made with.
public struct PartSeal: Sendable {
    /// The tool that made the part.
    public let tool: String
    /// What the part was made from and how: equal keys mean equal parts.
    public let key: Digest
    /// The digest of the part's input: the seal of the input's part, or the listing's slice for fetch.
    public let input: Digest
    /// The number of items that came in.
    public let itemsIn: Int
    /// How many of them were cut into several.
    public let split: SplitCount
    /// Items in `items.jsonl`.
    public let items: Int
    /// Items in `rejects.jsonl`, counted by reason, in the order of the reasons' bytes.
    public let rejectedByReason: [(reason: String, count: Int)]
    /// Every file of the part except the seal, in byte order of their names.
    public let files: [SealedFile]
    /// What varied in the run that made the part: seconds, peak memory, time, host.
    public let run: RunFigures

    /// Items in `rejects.jsonl`.
    public var rejected: Int { Self.sum(rejectedByReason) }
    /// Bytes of all files except the seal.
    public var bytes: Int { Self.sum(files) }
    /// The seal's digest, over everything in the file but `run`: the version's seal and the next stage's keys are
    /// computed from it.
    public var digest: Digest { sealed.digest }
    /// The seal as a file.
    public let sealed: SealedJSON

    /// The file with a name, if the part has it.
    public func file(_ name: String) -> SealedFile? { files.first { $0.name.hasSameBytes(as: name) } }

    init(
        tool: String, key: Digest, input: Digest, itemsIn: Int, items: Int, split: SplitCount = SplitCount(),
        rejectedByReason: [(reason: String, count: Int)], files: [SealedFile], run: RunFigures
    ) {
        self.tool = tool
        self.key = key
        self.input = input
        self.itemsIn = itemsIn
        self.items = items
        self.split = split
        self.rejectedByReason = rejectedByReason
        self.files = files
        self.run = run
        var body: JSONObject = [
            "format": .int(Int64(BatchFormat.number)), "kind": "part", "tool": .string(tool),
            "key": .string(key.hex), "input": .string(input.hex), "items_in": .int(Int64(itemsIn)),
        ]
        split.write(to: &body)
        body["items"] = .int(Int64(items))
        body["rejected"] = .int(Int64(Self.sum(rejectedByReason)))
        body["rejected_by_reason"] = Self.countsJSON(rejectedByReason)
        body["bytes"] = .int(Int64(Self.sum(files)))
        body["files"] = .array(files.map(\.json))
        sealed = SealedJSON(body, run: run.object(in: .part))
    }

    /// Reads and checks a part's seal.
    public init(reading path: String) throws(Fault) {
        sealed = try SealedJSON.read(path)
        let object = sealed.object
        guard object["kind"]?.string == "part" else { throw Fault(.damaged, "'\(path)' is not a part seal") }
        tool = try object.required("tool", path, \.string)
        key = try object.required("key", path) { $0.string.flatMap(Digest.init(hex:)) }
        input = try object.required("input", path) { $0.string.flatMap(Digest.init(hex:)) }
        itemsIn = try object.requiredCount("items_in", path)
        split = try SplitCount(object, path)
        items = try object.requiredCount("items", path)
        rejectedByReason = try Self.counts(object, path)
        var files: [SealedFile] = []
        for json in try object.required("files", path, \.array) { files.append(try SealedFile(json, path: path)) }
        self.files = files
        run = RunFigures(object["run"]?.object ?? [:])
        let counted = try object.requiredCount("rejected", path)
        guard split.lines(for: itemsIn) == items + rejected, counted == rejected else {
            throw Fault(.damaged, "'\(path)' does not add up: \(itemsIn) items in, \(items) out, \(rejected) rejected")
        }
        guard try object.requiredCount("bytes", path) == bytes else {
            throw Fault(.damaged, "'\(path)' does not add up: its files have \(bytes) bytes")
        }
    }

    /// Reads the `rejected_by_reason` of a seal.
    static func counts(_ seal: JSONObject, _ path: String) throws(Fault) -> [(reason: String, count: Int)] {
        let object = try seal.required("rejected_by_reason", path, \.object)
        var counts: [(reason: String, count: Int)] = []
        for (reason, _) in object.members { counts.append((reason, try object.requiredCount(reason, path))) }
        return counts
    }

    static func sum(_ counts: [(reason: String, count: Int)]) -> Int { counts.reduce(0) { $0 + $1.count } }
    static func sum(_ files: [SealedFile]) -> Int { files.reduce(0) { $0 + $1.bytes } }

    static func countsJSON(_ counts: [(reason: String, count: Int)]) -> JSON {
        var object = JSONObject()
        for (reason, count) in counts { object[reason] = .int(Int64(count)) }
        return .object(object)
    }
}
