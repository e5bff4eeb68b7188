/// An HTTP request, and how patiently to perform it.
public struct HTTPRequest: Sendable {
    /// The method.
    public enum Method: Sendable, Hashable {
        /// The resource.
        case get
        /// The resource's headers only.
        case head
        /// Posts a body. Never redirected; a signed request needs ``HTTPRequest/bodySHA256``.
        case post([UInt8])
    }

    /// The method.
    public var method = Method.get
    /// The URL, already percent-encoded. Signed requests need a canonical one: build it with ``CanonicalURL``.
    public var url: String
    /// Additional header lines. A request whose names or values contain line breaks is refused.
    public var headers: [HTTPHeader] = []
    /// The bytes wanted; `nil` for the whole resource.
    public var range: ByteRange?
    /// Sends `If-Match`, so that a replaced resource is refused (412) and never mixed with its successor.
    public var ifMatch: String?
    /// Signs the request (AWS Signature Version 4).
    public var signing: SigV4?
    /// SHA-256 of the body in lower-case hex, which a signed request declares; `nil` for no body.
    public var bodySHA256: String?
    /// How many redirects to follow; 0 returns the redirect itself. Never from https to http.
    public var redirects = 0
    /// How long to wait.
    public var timeouts = TransferTimeouts()

    /// A GET of an address.
    public init(url: String) { self.url = url }
}

/// One header line.
public struct HTTPHeader: Sendable, Hashable {
    /// The name, compared without regard to case.
    public let name: String
    /// The value, without surrounding space.
    public let value: String

    /// A header line.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A range of bytes, as in the `Range` header.
public struct ByteRange: Sendable, Hashable {
    /// Offset of the first byte.
    public let first: Int64
    /// Offset of the last byte, inclusive; `nil` for the end.
    public let last: Int64?

    /// `first` to `last`, both inclusive.
    public init(first: Int64, last: Int64?) {
        self.first = first
        self.last = last
    }

    var headerValue: String { "bytes=\(first)-\(last.map(String.init) ?? "")" }
}

/// What a request is signed with. None of it ever appears in a message.
public struct SigV4: Sendable {
    /// The access key's id, which may contain any character, even a colon.
    let accessKey: String
    /// The secret key.
    let secretKey: String
    /// The token of temporary credentials.
    let sessionToken: String?
    /// The region, such as `eu-central-1`.
    let region: String
    /// The service, such as `s3`.
    let service: String

    /// Signs for a service in a region.
    public init(accessKey: String, secretKey: String, sessionToken: String?, region: String, service: String = "s3") {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
    }
}

/// How long to wait for connections and data.
public struct TransferTimeouts: Sendable, Hashable {
    /// Seconds to wait for a connection, TLS included.
    public var connect = 10.0
    /// A transfer slower than this many bytes a second …
    public var stallBytesPerSecond = 1024
    /// … for this many seconds has stalled. At least 1; curl averages speed over five seconds, so it notices that much
    /// later.
    public var stallSeconds = 30

    /// The defaults: a recording of a hundred kilobytes that takes longer is better requested again.
    public init() {}
}

/// Where the body of a successful response goes.
public enum BodyDestination: Sendable {
    /// Into memory, at most `limit` bytes.
    case memory(limit: Int)
    /// Into an open file at an offset, at most `limit` bytes. The file stays open until the transfer has ended.
    case file(TransferFile, offset: Int64, limit: Int64)
}
