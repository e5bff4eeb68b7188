public import Fault
public import JSON
internal import Transfer

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
    /// - Parameter checkStop: called at least five times a second while waiting; what it throws ends the listing.
    /// - Throws: `.missing` if the bucket, directory or index does not exist, `.denied` if it may not be read,
    ///   `.unavailable` if it cannot be listed to its end after retries, `.damaged` if an index does not parse, and
    ///   whatever `visit` or `checkStop` throws.
    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault)

    /// How an object of this source's listing is reached, the preferred way first. More than one for mirrors.
    func routes(to entry: ObjectEntry) -> [ObjectRoute]

    /// How an object is reached that another source listed under this key.
    func route(toKey key: String) -> ObjectRoute

    /// What an object that a store has told of is to this source.
    func meaning(of object: NoticedObject) -> NoticedEntry
}

/// What an object that a store has told of is to a source.
public enum NoticedEntry: Sendable {
    /// One of the source's, as a listing would have it.
    case entry(ObjectEntry)
    /// Something that a listing would leave out, such as what stands for a folder.
    case nothing
    /// Not one of this source's.
    case foreign
}

extension ObjectSource {
    /// Stores alone tell of objects.
    public func meaning(of object: NoticedObject) -> NoticedEntry { .foreign }
}

/// One object of a listing.
public struct ObjectEntry: Sendable {
    /// The object's name relative to the source's prefix: the item's id. A byte that is not UTF-8 stands as U+FFFD and
    /// two hex digits (and then `problem` is set).
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
    /// Which of several mirrors listed it.
    var mirror = 0

    /// Makes an entry; without a `version`, it is derived from what is known.
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
        // A tag or a digest names the content; a time is looked at only where there is neither.
        let known = [sha256, etag, size.map(String.init), etag == nil && sha256 == nil ? lastModified : nil]
        self.version = version ?? known.compactMap { $0 }.joined(separator: " ")
    }
}

/// One way to an object.
public struct ObjectRoute: Sendable {
    /// Where it leads, for messages and records: a URL without user info, query or secret.
    public let name: String
    let way: Way

    enum Way: Sendable {
        /// Over HTTP, from a store that speaks this dialect.
        case http(HTTPRequest, StoreDialect)
        /// A regular file: a path relative to a folder without symbolic links in its own path, both as bytes.
        case file(relative: [UInt8], root: [UInt8])
        /// Bytes at hand.
        case bytes([UInt8], etag: String?)
        /// Nothing: there is no such object.
        case gone
    }
}

/// How a store's answers are to be read.
enum StoreDialect: Sendable {
    /// S3 and its kin: errors in XML, checksums in headers, and maybe the MD5 as the entity tag.
    case s3(etagIsMD5: Bool)
    /// Any web server.
    case web
}
