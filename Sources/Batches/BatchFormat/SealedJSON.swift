public import Digests
internal import Durable
public import Fault
public import JSON

/// JSON files that guarantee others: `part.json`, `batch.json`, `run.json` and receipts.
///
/// Two sums protect such a file. Its **checksum**, `run.checksum`, is the SHA-256 of the file's own bytes with those 64
/// hex digits replaced by zeros: it detects any changed byte. Its **digest** is the SHA-256 of the canonical JSON of
/// the object without its `run` member: two runs that made the same thing have the same digest, at whatever time.
public struct SealedJSON: Sendable {
    /// The members, `run` included.
    public let object: JSONObject
    /// The digest over everything but `run`.
    public let digest: Digest

    private static let unsummed = String(repeating: "0", count: 64)

    /// Separates a file's members: those covered by the digest, and `run`, which varies between runs.
    public init(_ body: JSONObject, run: JSONObject) {
        var object = body
        object["run"] = .object(run)
        self.object = object
        digest = Self.digest(of: body)
    }

    private static func digest(of body: JSONObject) -> Digest {
        Digest(of: JSON.object(body).bytes(.canonical))
    }

    /// The file's bytes, with the checksum filled in.
    public func bytes() -> [UInt8] {
        var (object, run) = (object, object["run"]?.object ?? [:])
        run["checksum"] = nil
        run["checksum"] = .string(Self.unsummed)
        object["run"] = nil
        object["run"] = .object(run)
        var bytes = JSON.object(object).bytes(.pretty) + [UInt8(ascii: "\n")]
        // `run` is the last member and the checksum its last, so the zeros are at a known distance from the end.
        let at = bytes.count - Self.tail.count - 64
        bytes.replaceSubrange(at..<at + 64, with: Digest(of: bytes).hex.utf8)
        return bytes
    }

    private static let tail = Array("\"\n  }\n}\n".utf8)

    /// Reads and checks a file: it must parse, its checksum must match, and this build must support its format.
    public static func read(_ path: String) throws(Fault) -> SealedJSON {
        let bytes = try AtomicFile.read(path)
        let object: JSONObject
        do {
            guard case .object(let parsed) = try JSON(parsing: bytes) else {
                throw JSONSyntaxError(offset: 0, reason: "not an object")
            }
            object = parsed
        } catch {
            throw Fault(.damaged, "'\(path)' does not parse: \(error)")
        }
        try check(bytes, against: object, path: path)
        guard object["format"]?.int == BatchFormat.number else {
            let found = object["format"].map { $0.text(.line) } ?? "none"
            throw Fault(.damaged, "'\(path)' has format \(found); this build reads format \(BatchFormat.number)")
        }
        var body = object
        body["run"] = nil
        return SealedJSON(object: object, digest: digest(of: body))
    }

    private init(object: JSONObject, digest: Digest) {
        self.object = object
        self.digest = digest
    }

    private static func check(_ bytes: [UInt8], against object: JSONObject, path: String) throws(Fault) {
        let at = bytes.count - tail.count - 64
        guard let sum = object["run"]?["checksum"]?.string, Digest(hex: sum) != nil, at > 0,
            bytes[at..<at + 64].elementsEqual(sum.utf8)
        else { throw Fault(.damaged, "'\(path)' has no checksum of its own") }
        var unsummedBytes = bytes
        unsummedBytes.replaceSubrange(at..<at + 64, with: unsummed.utf8)
        guard Digest(of: unsummedBytes).hex == sum else {
            throw Fault(.damaged, "'\(path)' does not match its own checksum: it was changed or damaged after sealing")
        }
    }
}

/// The number of the on-disk format.
public enum BatchFormat {
    /// The format that this build writes and reads.
    public static let number = 1
}

extension JSONObject {
    /// A required count or size. Bounded, so that sums of values from files cannot overflow.
    func requiredCount(_ name: String, _ path: String) throws(Fault) -> Int {
        try required(name, path) { $0.int.flatMap { (0...1 << 48).contains($0) ? $0 : nil } }
    }

    /// A required member of the wanted type; without it the file is damaged.
    func required<T>(_ name: String, _ path: String, _ get: (JSON) -> T?) throws(Fault) -> T {
        guard let value = self[name].flatMap(get) else {
            throw Fault(.damaged, "'\(path)' lacks a valid \"\(name)\"")
        }
        return value
    }
}
