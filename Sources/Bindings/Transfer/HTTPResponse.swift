public import Fault

/// Status and headers of a response.
public struct HTTPHead: Sendable {
    /// The status code.
    public let status: Int
    /// The header lines of the last response (not those of redirects), in order.
    public let headers: [HTTPHeader]

    /// Makes a head.
    public init(status: Int, headers: [HTTPHeader]) {
        self.status = status
        self.headers = headers
    }

    /// The first value of a header.
    public subscript(name: String) -> String? {
        headers.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// `Content-Length`, if present and valid.
    public var contentLength: Int64? { self["content-length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil } }

    /// `Content-Range`, if present, valid and naming the bytes sent.
    public var contentRange: ContentRange? { self["content-range"].flatMap(ContentRange.init(parsing:)) }
}

/// `Content-Range: bytes 0-99/1234`
public struct ContentRange: Sendable, Hashable {
    /// Offset of the first byte.
    public let first: Int64
    /// Offset of the last byte.
    public let last: Int64
    /// Size of the whole resource, if the server knows it.
    public let total: Int64?

    init?(parsing text: String) {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]), 0 <= first, first <= last else {
            return nil
        }
        if parts[1] == "*" {
            total = nil
        } else {
            guard let size = Int64(parts[1]), size > last else { return nil }
            total = size
        }
        self.first = first
        self.last = last
    }
}

/// A response that arrived whole. Error statuses (300 and above) are responses too.
public struct HTTPResponse: Sendable {
    /// Status and headers.
    public let head: HTTPHead
    /// The number of body bytes received.
    public let receivedBytes: Int64
    /// The body, if it went into memory; for an error status always its first 64 KiB.
    public let body: [UInt8]
    /// Whether the protocol said where the body ends (a length, chunks, or HTTP/2). Otherwise a truncated body looks
    /// like a whole one.
    public let endIsKnown: Bool

    /// Makes a response.
    public init(head: HTTPHead, receivedBytes: Int64, body: [UInt8] = [], endIsKnown: Bool = true) {
        self.head = head
        self.receivedBytes = receivedBytes
        self.body = body
        self.endIsKnown = endIsKnown
    }
}

/// How a transfer ended.
public typealias TransferResult = Result<HTTPResponse, TransferFailure>

/// Why a response did not arrive whole.
public struct TransferFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of failure.
    public enum Kind: Sendable, Hashable {
        /// No connection: the name does not resolve, nothing answers, the handshake fails. Worth retrying.
        case noConnection
        /// The connection broke, or the body ended early. Worth retrying.
        case interrupted
        /// Data stopped arriving. Worth retrying.
        case stalled
        /// The server's certificate is not trusted, or the system's certificates cannot be read.
        case untrusted
        /// The server sent the whole resource, or another range, when a range was requested.
        case rangeIgnored
        /// More bytes than the destination accepts.
        case tooLarge
        /// Writing the file failed; `fault` says how.
        case disk
        /// The request itself cannot be performed: a malformed URL, too many redirects.
        case unusable
        /// It was cancelled.
        case cancelled
    }

    /// What kind of failure.
    public let kind: Kind
    /// What happened, in words; contains no credentials and no query.
    public let description: String
    /// The fault of writing the file.
    public let fault: Fault?
    /// Status and headers, if they arrived.
    public let head: HTTPHead?
    /// Bytes of the body that reached the destination.
    public let receivedBytes: Int64
    /// The bytes of the body received, if they went into memory.
    public let body: [UInt8]

    /// Makes a failure.
    public init(
        _ kind: Kind, _ description: String, fault: Fault? = nil, head: HTTPHead? = nil, receivedBytes: Int64 = 0,
        body: [UInt8] = []
    ) {
        self.kind = kind
        self.description = description
        self.fault = fault
        self.head = head
        self.receivedBytes = receivedBytes
        self.body = body
    }
}

extension StringProtocol {
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        return utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { lower($0) == lower($1) }
    }
}
