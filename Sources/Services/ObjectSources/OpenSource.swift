public import Fault
public import Transfer

/// How to reach a source, besides its URL.
public struct SourceSettings: Sendable {
    /// An S3-compatible store's URL; `nil` for `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's `endpoint_url`,
    /// AWS.
    public var endpoint: String?
    /// The region that requests are signed for; `nil` for `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's,
    /// `us-east-1`.
    public var region: String?
    /// Where the bucket's name goes; `nil` for the path if there is an endpoint, otherwise the host name.
    public var addressing: S3Addressing?
    /// Whether requests are sent unsigned (public buckets).
    public var anonymous: Bool
    /// Whether a plain 32-digit entity tag of the store is the MD5 of the bytes, as it is on S3.
    public var etagIsMD5: Bool
    /// Whether requests to S3 say that the requester pays for them.
    public var requesterPays = false
    /// The number of keys per page of a listing (1 to 1000).
    public var pageSize = 1000
    /// The process's environment, passed in because libraries do not read it.
    public var environment: [String: String]
    /// When and how often to retry a listing's requests.
    public var retry: RetryPolicy
    /// How long to wait for connections and data.
    public var timeouts = TransferTimeouts()
    /// The clocks.
    public var time = TimeSource.system
    /// Receives messages of interest to people, such as that a mirror was skipped.
    public var note: @Sendable (String) -> Void = { _ in }

    /// Makes settings with an environment.
    public init(environment: [String: String], anonymous: Bool, etagIsMD5: Bool, retry: RetryPolicy) {
        self.environment = environment
        self.anonymous = anonymous
        self.etagIsMD5 = etagIsMD5
        self.retry = retry
    }
}

extension SourceSettings {
    /// The signature for requests, unless they are sent unsigned.
    ///
    /// - Parameters:
    ///   - region: the region named by the URL; `nil` for the configured one.
    ///   - subject: what the credentials are for, for the message that there are none.
    package func signer(_ aws: AWSSettings, region: String?, service: String, for subject: String) throws(Fault)
        -> SigV4?
    {
        if anonymous { return nil }
        guard let key = aws.accessKey, let secret = aws.secretKey else {
            throw Fault(.denied, "no credentials for \(subject): \(aws.searched)")
        }
        return SigV4(
            accessKey: key, secretKey: secret, sessionToken: aws.sessionToken,
            region: region ?? self.region ?? aws.region ?? "us-east-1", service: service)
    }
}

/// Where a URL names the bucket.
public enum S3Addressing: Sendable {
    /// `https://endpoint/bucket/key`
    case path
    /// `https://bucket.endpoint/key`
    case virtualHost
}

/// Opens a source: `s3://bucket/prefix/`, `https://…/index.jsonl`, `file:///folder`, or a folder's path. Several are
/// mirrors, tried in order. Connects to nothing yet.
///
/// - Throws: `.configuration` if a URL is not understood, `.denied` if an S3 source has no credentials.
public func openSource(
    _ urls: [String], settings: SourceSettings, engine: TransferEngine
) throws(Fault) -> any ObjectSource {
    var sources: [any ObjectSource] = []
    for url in urls { sources.append(try openOne(url, settings, engine)) }
    guard let first = sources.first else { throw Fault(.configuration, "no source is given") }
    return sources.count == 1 ? first : MirroredSource(mirrors: sources, note: settings.note)
}

private func openOne(
    _ url: String, _ settings: SourceSettings, _ engine: TransferEngine
) throws(Fault) -> any ObjectSource {
    let client = PatientClient(engine: engine, retry: settings.retry, time: settings.time)
    switch URLReference(url).scheme {
    case "s3": return try S3Source(url, settings: settings, client: client)
    case "http", "https": return try HTTPIndexSource(url, settings: settings, client: client)
    case "file":
        let reference = URLReference(url)
        let isLocal = (reference.authority ?? "").isEmpty || reference.authority == "localhost"
        guard isLocal, let path = CanonicalURL.decode(reference.path, plusIsSpace: false) else {
            throw Fault(.configuration, "'\(url)' is not of the form file:///folder")
        }
        return try DirectorySource(String(decoding: path, as: UTF8.self))
    case let scheme? where url.hasPrefix("\(scheme)://"):
        throw Fault(
            .configuration,
            "'\(publicURL(url))' is not a source: expected s3://…, https://…/index.jsonl, file:///… or a path")
    default: return try DirectorySource(url)
    }
}
