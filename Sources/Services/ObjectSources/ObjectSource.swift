public import Fault
package import Transfer

/// Where a night's recordings are: a bucket, an index on a web server, a directory.
///
/// A source lists its objects and says how to reach each one; a ``Downloader`` downloads them.
/// ``openSource(_:settings:engine:)`` makes sources.
public protocol ObjectSource: Sendable {
    /// The source's name for messages and records: a URL without user info, query or secret.
    var origin: String { get }

    /// Lists every object, page by page, in the source's own order: UTF-8 byte order of the keys for a directory and
    /// for S3, the order of the lines for an index.
    ///
    /// A listing is complete or it throws: pages passed before a fault must be discarded. `visit` runs on the calling
    /// thread.
    ///
    /// - Parameter checkStop: called at least five times a second while waiting; what it throws ends the listing.
    /// - Throws: `.missing` if the bucket, directory or index does not exist, `.denied` if it may not be read,
    ///   `.unavailable` if it cannot be listed completely despite retries, `.damaged` if an index does not parse, and
    ///   whatever `visit` or `checkStop` throws.
    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault)

    /// What can be in front of a key of this source in a text that names an object in full: `s3://bucket/prefix/`.
    var addresses: [String] { get }

    /// How to reach an object of this source's listing, in order of preference; several routes for mirrors.
    func routes(to entry: ObjectEntry) -> [ObjectRoute]

    /// How to reach an object that another source listed under this key.
    func route(toKey key: String) -> ObjectRoute

    /// What an object announced by a store is to this source.
    func meaning(of object: NoticedObject) -> NoticedEntry
}

/// What an object announced by a store is to a source.
public enum NoticedEntry: Sendable {
    /// One of the source's objects, as a listing would give it.
    case entry(ObjectEntry)
    /// Something that a listing leaves out, such as a placeholder for a folder.
    case nothing
    /// An object outside this source.
    case foreign
}

extension ObjectSource {
    /// Only stores announce objects.
    public func meaning(of object: NoticedObject) -> NoticedEntry { .foreign }
}

/// One way to reach an object.
public struct ObjectRoute: Sendable {
    /// The name of its target for messages and records: a URL without user info, query or secret.
    public let name: String
    package let way: Way

    /// How it is reached.
    package enum Way: Sendable {
        /// Over HTTP, from a store that speaks this dialect.
        case http(HTTPRequest, StoreDialect)
        /// A regular file: a path relative to a folder whose own path contains no symbolic links, both as bytes.
        case file(relative: [UInt8], root: [UInt8])
        /// Nothing: there is no such object.
        case gone
    }
}

/// How to interpret a store's responses.
package enum StoreDialect: Sendable {
    /// S3 and compatible stores: errors in XML, checksums in headers, and possibly the MD5 as the entity tag.
    case s3(etagIsMD5: Bool)
    /// Any web server.
    case web
}
