public import ObjectSources
public import Transfer

/// One object to download, and where to put it.
public struct DownloadRequest: Sendable {
    /// The object, as listed. Its `problem` must be `nil`.
    public let entry: ObjectEntry
    /// The file to write: created or emptied, and removed again unless the outcome is `.fetched`. It is written
    /// completely, but not flushed: publishing it is up to the caller.
    public let path: String

    /// Requests an object.
    public init(entry: ObjectEntry, path: String) {
        self.entry = entry
        self.path = path
    }
}

/// How an object's download ended, if it did not end the run.
public enum DownloadOutcome: Sendable {
    /// The bytes are in the file, complete and verified.
    case fetched(FetchedObject)
    /// It was listed, but is gone at the source and every mirror; the message says where it was searched for.
    case vanished(message: String)
    /// It exists, but the source and every mirror withhold it, for a reason: `archived`, `encrypted`, `forbidden`. Others
    /// may be readable.
    case withheld(reason: String, message: String)
}

/// An object that was downloaded.
public struct FetchedObject: Sendable {
    /// Size in bytes.
    public let bytes: Int64
    /// SHA-256 of the bytes, lower-case hex, computed from the file.
    public let sha256: String
    /// The downloaded object's entity tag without quotes, if it has one.
    public let etag: String?
    /// When it was last written, `2026-11-19T22:04:11Z`, if known.
    public let lastModified: String?
    /// What the bytes agree with, besides the message's length: `size` (the listing's), `etag-md5`, `content-md5`,
    /// `sha256`, `sha1`, `crc32`, `crc32c`, `crc64nvme`, `listing-etag-md5`, `listing-sha256`. Empty if unverified.
    public let verifiedBy: [String]
    /// Whether the object was replaced after it was listed; if so, everything here describes the new one.
    public let changedSinceListing: Bool
    /// Where it came from: a URL without user info, query or secret.
    public let url: String
    /// The number of HTTP requests it took, retries and ranges included; 0 for files.
    public let requests: Int
}

/// How much to download at a time, and how patiently.
public struct DownloadOptions: Sendable {
    /// Transfers in flight at once; each range of a large object counts as one.
    public var inFlight: Int
    /// Objects of at least this size in bytes are downloaded in ranges.
    public var rangedFrom: Int64
    /// Size of a range in bytes.
    public var rangeBytes: Int64
    /// The largest object to download, in bytes: a body without a length must not fill the disk.
    public var largestObject: Int64 = 64 << 30
    /// When and how often to retry a request.
    public var retry: RetryPolicy
    /// The number of threads that hash and copy.
    public var hashers = 2
    /// Whether a restore is requested of objects that are archived.
    public var restores = false
    /// The clocks.
    public var time = TimeSource.system

    /// Downloads objects of four ranges and more in ranges.
    public init(inFlight: Int, rangeBytes: Int64, retry: RetryPolicy) {
        self.inFlight = inFlight
        self.rangeBytes = rangeBytes
        rangedFrom = 4 * rangeBytes
        self.retry = retry
    }
}
