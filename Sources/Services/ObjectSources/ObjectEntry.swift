public import JSON
internal import Time

/// One object of a listing.
///
/// A night may list millions, all of them in memory at once. An entry is therefore one reference, to as little as most
/// objects need; what few objects have is behind another one.
public struct ObjectEntry: Sendable {
    private let listed: Listed

    private final class Listed: Sendable {
        let key: String
        let size: Int64
        let tag: EntityTag
        let time: ListedTime
        /// Which of several mirrors listed it.
        let mirror: Int32
        let rare: Rare?

        init(_ key: String, _ size: Int64?, _ tag: EntityTag, _ time: ListedTime, mirror: Int32, _ rare: Rare?) {
            (self.key, self.size, self.tag, self.time, self.mirror, self.rare) = (
                key, size ?? -1, tag, time, mirror, rare
            )
        }
    }

    /// What few objects have.
    private final class Rare: Sendable {
        let problem: KeyProblem?
        let sha256: String?
        let fields: JSONObject
        let version: String?
        let storageClass: String?
        let address: [UInt8]

        init(
            _ problem: KeyProblem?, _ sha256: String?, _ fields: JSONObject, _ version: String?,
            _ storageClass: String?, _ address: [UInt8]
        ) {
            (self.problem, self.sha256, self.fields, self.version) = (problem, sha256, fields, version)
            (self.storageClass, self.address) = (storageClass, address)
        }
    }

    /// The object's name relative to the source's prefix: the item's id. A byte that is not UTF-8 is written as U+FFFD
    /// and two hex digits (and `problem` is set).
    public var key: String { listed.key }
    /// Why this key cannot become an item (`bad_key`); `nil` if it can.
    public var problem: KeyProblem? { listed.rare?.problem }
    /// Size in bytes, if listed.
    public var size: Int64? { listed.size < 0 ? nil : listed.size }
    /// The listing's entity tag without quotes; `nil` for directories.
    public var etag: String? { listed.tag.text }
    /// When the object was last written, `2026-11-19T22:04:11Z`, if listed.
    public var lastModified: String? { listed.time.text }
    /// The SHA-256 that the bytes must have, in lower-case hex, if listed.
    public var sha256: String? { listed.rare?.sha256 }
    /// Fields of the item from the listing (an index's other members); empty for buckets and directories.
    public var fields: JSONObject { listed.rare?.fields ?? [:] }
    /// The class of storage that a store keeps it in, if it is not the usual one: `GLACIER`.
    package var storageClass: String? { listed.rare?.storageClass }
    /// What the source needs to find the object again, if that does not follow from the key: a URL, the bytes of a path.
    package var address: [UInt8] { listed.rare?.address ?? [] }
    /// Which of several mirrors listed it.
    var mirror: Int { Int(listed.mirror) }

    /// Changes when the object does, as far as the listing shows: what a later run compares.
    public var version: String {
        if let version = listed.rare?.version { return version }
        // A tag or a digest identifies the content; the time is used only if there is neither.
        let (etag, sha256) = (etag, sha256)
        let known = [sha256, etag, size.map(String.init), etag == nil && sha256 == nil ? lastModified : nil]
        return known.compactMap { $0 }.joined(separator: " ")
    }

    /// Makes an entry; without a `version`, it is derived from the known attributes.
    package init(
        key: String, problem: KeyProblem? = nil, size: Int64? = nil, etag: String? = nil,
        lastModified: String? = nil, sha256: String? = nil, fields: JSONObject = [:], version: String? = nil,
        storageClass: String? = nil, address: [UInt8] = []
    ) {
        let isCommon =
            problem == nil && sha256 == nil && fields.isEmpty && version == nil && storageClass == nil
            && address.isEmpty
        listed = Listed(
            key, size, EntityTag(etag), ListedTime(lastModified), mirror: 0,
            isCommon ? nil : Rare(problem, sha256, fields, version, storageClass, address))
    }

    private init(_ listed: Listed) { self.listed = listed }

    /// The same object, as listed by another of several mirrors.
    func listed(by mirror: Int) -> ObjectEntry {
        ObjectEntry(
            Listed(listed.key, size, listed.tag, listed.time, mirror: Int32(mirror), listed.rare))
    }
}

/// An entity tag in half the space: most are the 32 hex digits of an MD5.
private enum EntityTag: Sendable {
    case none
    case md5(UInt64, UInt64)
    case other(String)

    init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        let digits = Array(text.utf8)
        let isPlain =
            digits.count == 32 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isPlain, let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else {
            self = .other(text)
            return
        }
        self = .md5(high, low)
    }

    var text: String? {
        switch self {
        case .none: nil
        case .md5(let high, let low): Self.digits(high) + Self.digits(low)
        case .other(let text): text
        }
    }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// A time in whole seconds; as text, if it is anything else.
private enum ListedTime: Sendable {
    case none
    case seconds(Int)
    case other(String)

    init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        if let moment = Moment(text), Moment(seconds: moment.seconds).text(decimals: 0) == text {
            self = .seconds(moment.seconds)
        } else {
            self = .other(text)
        }
    }

    var text: String? {
        switch self {
        case .none: nil
        case .seconds(let seconds): Moment(seconds: seconds).text(decimals: 0)
        case .other(let text): text
        }
    }
}
