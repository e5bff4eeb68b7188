public import Transfer

/// One object to bring, and where to put it.
public struct DownloadRequest: Sendable {
    /// The object, as listed. Its `problem` must be `nil`.
    public let entry: ObjectEntry
    /// The file to write: created or emptied, and removed again unless the outcome is `.fetched`. It is written whole, but
    /// not flushed: publishing it is the caller's matter.
    public let path: String

    /// Asks for an object.
    public init(entry: ObjectEntry, path: String) {
        self.entry = entry
        self.path = path
    }
}

/// How an object's download ended when it did not end the run.
public enum DownloadOutcome: Sendable {
    /// The bytes are in the file, complete and verified.
    case fetched(FetchedObject)
    /// It was listed, but is gone at the source and at every mirror; the message says where it was looked for.
    case vanished(message: String)
}

/// An object that was brought.
public struct FetchedObject: Sendable {
    /// Size in bytes.
    public let bytes: Int64
    /// SHA-256 of the bytes, lower-case hex, computed from the file.
    public let sha256: String
    /// The entity tag of what was brought, without quotes, if there is one.
    public let etag: String?
    /// When it was last written, `2026-11-19T22:04:11Z`, if known.
    public let lastModified: String?
    /// What the bytes agree with, besides the length of the message: `size` (the listing's), `etag-md5`, `content-md5`,
    /// `sha256`, `sha1`, `crc32`, `crc32c`, `crc64nvme`, `listing-etag-md5`, `listing-sha256`. Empty: unverified.
    public let verifiedBy: [String]
    /// Whether the object was replaced after it was listed: everything here tells of the new one.
    public let changedSinceListing: Bool
    /// Where it came from: a URL without user info, query or secret.
    public let url: String
    /// HTTP requests that it took, retries and ranges included; 0 for files.
    public let requests: Int
}

/// How much at a time, and how patiently.
public struct DownloadOptions: Sendable {
    /// Transfers in flight at once, each range of a large object counting as one.
    public var inFlight = 32
    /// Objects from this size in bytes on are brought in ranges.
    public var rangedFrom: Int64 = 64 << 20
    /// Size of a range in bytes.
    public var rangeBytes: Int64 = 16 << 20
    /// The largest object that is brought at all, in bytes: a body without a length must not fill the disk.
    public var largestObject: Int64 = 64 << 30
    /// When and how often a request is tried again.
    public var retry = RetryPolicy()
    /// Threads that hash and copy.
    public var hashers = 2
    /// The clocks.
    public var time = TimeSource.system

    /// The defaults: polite to a shared store, and enough to fill a 10 Gbit/s line with recordings of 100 KiB and more.
    public init() {}
}
