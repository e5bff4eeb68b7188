/// One HTTP exchange to perform: what to ask for, and how patiently.
public struct HTTPRequest: Sendable {
    /// What is asked for.
    public enum Method: Sendable, Hashable {
        /// The resource.
        case get
        /// The resource's headers alone.
        case head
        /// That a body be taken. Never redirected; to be signed, it needs ``HTTPRequest/bodySHA256``.
        case post([UInt8])
    }

    /// What is asked for.
    public var method = Method.get
    /// The address, already percent-encoded. Signed requests need it canonical: build it with ``CanonicalURL``.
    public var url: String
    /// Additional header lines. Names and values must hold no line breaks; a request that does is refused.
    public var headers: [HTTPHeader] = []
    /// The bytes wanted, the whole resource if `nil`.
    public var range: ByteRange?
    /// Sends `If-Match`, so that a resource that was replaced is refused (412) and never mixed with its successor.
    public var ifMatch: String?
    /// Signs the request (AWS Signature Version 4).
    public var signing: SigV4?
    /// SHA-256 of the body in lower-case hex, which a signed request declares; `nil`: that of no bytes.
    public var bodySHA256: String?
    /// How many redirects are followed; 0 returns the redirect itself. Never from https to http.
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

/// A range of bytes as `Range` asks for it.
public struct ByteRange: Sendable, Hashable {
    /// Offset of the first byte.
    public let first: Int64
    /// Offset of the last byte, which is part of the range; `nil`: to the end.
    public let last: Int64?

    /// `first` to `last`, both included.
    public init(first: Int64, last: Int64?) {
        self.first = first
        self.last = last
    }

    var headerValue: String { "bytes=\(first)-\(last.map(String.init) ?? "")" }
}

/// What signs a request. Its parts never appear in a message.
public struct SigV4: Sendable {
    /// The access key's id; may hold any character, a colon too.
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

/// How long to wait for connections and for bytes.
public struct TransferTimeouts: Sendable, Hashable {
    /// Seconds to wait for a connection, TLS included.
    public var connect = 10.0
    /// A transfer slower than this many bytes a second …
    public var stallBytesPerSecond = 1024
    /// … for this many seconds has stalled. At least 1; curl takes speed over five seconds, so it notices that much later.
    public var stallSeconds = 30

    /// The defaults: a recording of a hundred kilobytes that takes longer than this is better asked for again.
    public init() {}
}

/// Where the body of a successful response goes.
public enum BodyDestination: Sendable {
    /// Into memory, at most `limit` bytes.
    case memory(limit: Int)
    /// Into an open file from an offset on, at most `limit` bytes. The file stays open until the transfer has ended.
    case file(TransferFile, offset: Int64, limit: Int64)
}
