public import Fault
public import JSON
public import Transfer

/// Where a night's recordings lie: a bucket, an index on a web server, a directory.
///
/// A source lists its objects and says how each is reached; a ``Downloader`` brings them. Sources are made by
/// ``openSource(_:settings:engine:)``.
public protocol ObjectSource: Sendable {
    /// The source for messages and records: a URL without user info, query or secret.
    var origin: String { get }

    /// Lists every object, page by page, in the source's own order: UTF-8 byte order of the keys for a directory and
    /// for S3, the order of the lines for an index.
    ///
    /// A listing is whole or it throws: whoever saw some pages and then a fault has seen nothing. `visit` runs on the
    /// calling thread.
    ///
    /// - Throws: `.missing` if the bucket, directory or index does not exist, `.denied` if it may not be read,
    ///   `.unavailable` if it cannot be listed to its end after retries, `.damaged` if an index does not parse, and
    ///   whatever `visit` or `checkStop` throws.
    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault)

    /// How an object of the listing is reached, the preferred way first. More than one for mirrors.
    func routes(to entry: ObjectEntry) -> [ObjectRoute]
}

/// One object of a listing.
public struct ObjectEntry: Sendable {
    /// The object's name relative to the source's prefix: the item's id. Bytes that are not UTF-8 stand as `%XX`
    /// (and then `problem` is set).
    public let key: String
    /// Why this key can not become an item (`bad_key`), `nil` if it can.
    public let problem: KeyProblem?
    /// Size in bytes, if the listing says.
    public let size: Int64?
    /// The entity tag as the listing gives it, without quotes; `nil` for directories.
    public let etag: String?
    /// When the object was last written, `2026-11-19T22:04:11Z`, if the listing says.
    public let lastModified: String?
    /// SHA-256 in lower-case hex that the bytes must have, if the listing says.
    public let sha256: String?
    /// Fields of the item that the listing carries (an index's other members); empty for buckets and directories.
    public let fields: JSONObject
    /// Changes whenever the object does, as far as the listing can tell: what a later run compares.
    public let version: String
    /// What the source needs to find the object again: a full key, a URL, a path's bytes.
    let address: [UInt8]
    /// Which mirror listed it.
    var mirror = 0

    /// Makes an entry; the version is derived from what is known.
    package init(
        key: String, problem: KeyProblem? = nil, size: Int64? = nil, etag: String? = nil,
        lastModified: String? = nil, sha256: String? = nil, fields: JSONObject = [:], version: String? = nil,
        address: [UInt8]
    ) {
        self.key = key
        self.problem = problem
        self.size = size
        self.etag = etag
        self.lastModified = lastModified
        self.sha256 = sha256
        self.fields = fields
        self.address = address
        let known = [sha256, etag, size.map(String.init), etag == nil && sha256 == nil ? lastModified : nil]
        self.version = version ?? known.compactMap { $0 }.joined(separator: " ")
    }
}

/// One way to an object.
public enum ObjectRoute: Sendable {
    /// Over HTTP. `etagIsMD5` tells whether a plain 32-digit entity tag may be taken for the MD5 of the bytes.
    case http(HTTPRequest, etagIsMD5: Bool)
    /// A regular file below `root` (both absolute, without symbolic links in `root`).
    case file(path: [UInt8], root: [UInt8])
    /// Bytes at hand.
    case bytes([UInt8])
    /// Nothing: the object is gone.
    case gone
}
