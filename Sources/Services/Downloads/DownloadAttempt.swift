internal import Digests
internal import ObjectSources
internal import Transfer

/// One attempt to download an object by one route: its pieces, the version that the first response pinned, and the
/// result so far. The next attempt inherits nothing.
struct DownloadAttempt {
    /// A range of bytes, requested one request at a time.
    private struct Piece {
        let first: Int64
        /// `nil` while the size is unknown.
        var last: Int64?
        var done: Int64 = 0
        var isFinished = false
        var retry: RetryState
    }

    /// Where the body goes; `nil` for one kept in memory, which a job then writes and hashes in one go.
    let file: TransferFile?
    /// Whether the object is requested in ranges.
    let usesRanges: Bool
    /// Head of the response that pinned the version.
    private(set) var pinned: HTTPHead?
    /// The object's size, once a response has given it.
    private(set) var size: Int64?
    /// The received part of a body kept in memory.
    private(set) var held: [UInt8] = []
    private var pieces: [Piece] = []
    /// Hashes the file while its ranges arrive; `nil` before the first one.
    private var sum: FileSum?
    /// How far hashing has been scheduled.
    private var summedUpTo: Int64 = 0
    private var isSumming = false

    private static let countsAsProgress: Int64 = 1 << 20
    /// Objects up to this size in bytes are kept in memory, which takes this times twice the number of transfers in
    /// flight.
    private static let largestInMemory: Int64 = 1 << 20

    /// Whether an object of a size may be kept in memory.
    static func fitsMemory(_ size: Int64?) -> Bool { size ?? .max <= largestInMemory }

    /// Makes an attempt without results.
    init(into file: TransferFile? = nil, usesRanges: Bool = false) {
        self.file = file
        self.usesRanges = usesRanges
    }

    // MARK: - Pieces

    /// Whether every piece has been received.
    var isWhole: Bool { pieces.allSatisfy(\.isFinished) }
    /// Whether only the object's first piece is known.
    var isAtItsFirstPiece: Bool { pieces.count == 1 }

    func has(_ piece: Int) -> Bool { pieces.indices.contains(piece) }

    mutating func addPiece(first: Int64, last: Int64?, retry: RetryState) {
        pieces.append(Piece(first: first, last: last, retry: retry))
    }

    /// Adds pieces for the rest of an object after its first range.
    ///
    /// - Returns: those pieces; `nil` if the object must be downloaded in one stream: without a strong tag, the ranges
    ///   could belong to two versions.
    mutating func addOtherRanges(of length: Int64, retry: RetryState) -> Range<Int>? {
        guard let size, pinned?.strongTag != nil else { return nil }
        let start = pieces.count
        for first in stride(from: length, to: size, by: Int(length)) {
            addPiece(first: first, last: min(first + length, size) - 1, retry: retry)
        }
        return start..<pieces.count
    }

    /// The request for the missing part of a piece, and where its body goes.
    func ask(for piece: Int, of http: HTTPRequest, largestObject: Int64) -> (HTTPRequest, BodyDestination) {
        var http = http
        let (from, last) = (pieces[piece].first + pieces[piece].done, pieces[piece].last)
        if usesRanges || from > 0 {
            http.range = ByteRange(first: from, last: last)
            http.ifMatch = pinned?.strongTag
        }
        guard let file else { return (http, .memory(limit: Int(Self.largestInMemory) - held.count)) }
        return (http, .file(file, offset: from, limit: last.map { $0 - from + 1 } ?? largestObject))
    }

    /// The byte range of a received piece.
    func extent(_ piece: Int) -> (first: Int64, count: Int64) {
        let (first, last) = (pieces[piece].first, pieces[piece].last)
        return (first, (last.map { $0 + 1 } ?? size ?? 0) - first)
    }

    mutating func finish(_ piece: Int) { pieces[piece].isFinished = true }

    /// Whether and when to request a piece again.
    mutating func retry(
        _ piece: Int, now: Double, after: Double?, using random: inout SystemRandomNumberGenerator
    ) -> RetryState.Decision {
        pieces[piece].retry.decide(now: now, retryAfter: after, using: &random)
    }

    // MARK: - Answers

    /// Accepts a piece's body; false if it belongs to another version.
    mutating func take(_ response: HTTPResponse) -> Bool {
        guard pin(response.head) else { return false }
        if response.head.status != 206 { size = response.receivedBytes }
        if file == nil { held = held.isEmpty ? response.body : held + response.body }
        return true
    }

    /// What can be kept of an interrupted body.
    enum Kept {
        /// Its bytes are usable: request the rest.
        case rest
        /// All of it: it broke off after its last byte.
        case all
        /// Nothing: it belongs to another version.
        case anotherVersion
    }

    /// Keeps the bytes of an interrupted body if the rest can be requested.
    mutating func keep(_ piece: Int, of failure: TransferFailure, from dialect: StoreDialect, now: Double) -> Kept {
        guard let head = failure.head, head.status == 200 || head.status == 206 else { return .rest }
        let doesRanges =
            if case .s3 = dialect { true } else { head.status == 206 || head["accept-ranges"] == "bytes" }
        guard doesRanges, head.strongTag != nil else {
            if isAtItsFirstPiece { (pinned, size) = (nil, nil) }
            pieces[piece].done = 0
            held = []
            return .rest
        }
        guard pin(head) else { return .anotherVersion }
        if file == nil { held += failure.body }
        pieces[piece].done += failure.receivedBytes
        if failure.receivedBytes >= Self.countsAsProgress { pieces[piece].retry.noteProgress(now: now) }
        guard let last = pieces[piece].last ?? size.map({ $0 - 1 }) else { return .rest }
        return pieces[piece].first + pieces[piece].done > last ? .all : .rest
    }

    /// Pins the version or compares with it; false if this is another one.
    private mutating func pin(_ head: HTTPHead) -> Bool {
        let total = head.status == 206 ? head.contentRange?.total : head.contentLength
        guard let before = pinned else {
            pinned = head
            size = total
            return true
        }
        if let size, let total, size != total { return false }
        size = size ?? total
        return before["etag"] == nil || head["etag"] == nil || before["etag"] == head["etag"]
    }

    // MARK: - The sum

    /// The job that hashes the file from its start as far as it has arrived without a gap, one stretch at a time; the
    /// last one runs to the end of the file. `nil` if a job is running or nothing new has arrived.
    mutating func nextSum(_ kinds: Set<ChecksumKind>) -> (@Sendable (Cancellation) -> LocalResult)? {
        guard let file, !isSumming else { return nil }
        let gap = pieces.firstIndex { !$0.isFinished }
        let end = gap.map { pieces[$0].first }
        if let end, end == summedUpTo { return nil }
        let sum = self.sum ?? FileSum(file, kinds)
        (self.sum, summedUpTo, isSumming) = (sum, end ?? .max, true)
        return { sum.add(upTo: end, stop: $0) }
    }

    /// Records that a stretch has been hashed.
    mutating func endedSum() { isSumming = false }
}

extension HTTPHead {
    /// The entity tag with its quotes, if `If-Match` allows it: two responses with the same strong tag have the same
    /// bytes.
    var strongTag: String? { self["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil } }
}
