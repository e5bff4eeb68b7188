public import Fault
public import Transfer

/// How a source is reached, besides its URL.
public struct SourceSettings: Sendable {
    /// An S3-compatible store's URL; `nil`: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's `endpoint_url`, AWS.
    public var endpoint: String?
    /// The region that requests are signed for; `nil`: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, `us-east-1`.
    public var region: String?
    /// Where the bucket's name goes; `nil`: into the path when there is an endpoint, else into the host name.
    public var addressing: S3Addressing?
    /// Whether requests go out unsigned (public buckets).
    public var anonymous = false
    /// Whether a plain 32-digit entity tag of the store is the MD5 of the bytes, as it is on S3.
    public var etagIsMD5 = true
    /// Keys asked for per page of a listing (1 to 1000).
    public var pageSize = 1000
    /// The process's environment, handed in: libraries do not read it.
    public var environment: [String: String]
    /// When and how often a listing's request is tried again.
    public var retry = RetryPolicy()
    /// How long to wait for connections and for bytes.
    public var timeouts = TransferTimeouts()

    /// Settings with the given environment.
    public init(environment: [String: String]) { self.environment = environment }
}

/// Where a bucket's name stands in a URL.
public enum S3Addressing: Sendable {
    /// `https://endpoint/bucket/key`
    case path
    /// `https://bucket.endpoint/key`
    case virtualHost
}

/// Opens a source: `s3://bucket/prefix/`, `https://…/index.jsonl`, `file:///folder`, or a folder's path. Several are
/// mirrors, tried in order. Nothing is connected to yet.
///
/// - Throws: `.configuration` if a URL is not understood, `.denied` if an S3 source has no credentials.
public func openSource(
    _ urls: [String], settings: SourceSettings, engine: TransferEngine
) throws(Fault) -> any ObjectSource {
    throw Fault(.defect, "not here yet")
}
