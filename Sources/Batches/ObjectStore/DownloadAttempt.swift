internal import Digests
internal import Transfer

/// One attempt to bring an object by one route: the pieces that it is asked for in, the version that the first answer
/// pinned, and what has come of it. A next attempt takes nothing over.
struct DownloadAttempt {
    /// A run of bytes that one request at a time asks for.
    private struct Piece {
        let first: Int64
        /// `nil` while the size is not known.
        var last: Int64?
        var done: Int64 = 0
        var isFinished = false
        var retry: RetryState
    }

    /// Where the body goes; `nil` for one that comes into memory, to be written and added up in one go by a job.
    let file: TransferFile?
    /// Whether the object is asked for in ranges.
    let usesRanges: Bool
    /// Head of the response that pinned the version.
    private(set) var pinned: HTTPHead?
    /// The object's size, once an answer has told it.
    private(set) var size: Int64?
    /// What of a body in memory has come.
    private(set) var held: [UInt8] = []
    private var pieces: [Piece] = []
    /// Adds the file up while its ranges come; `nil` until the first one is there.
    private var sum: FileSum?
    /// Up to where that has been told to go.
    private var summedUpTo: Int64 = 0
    private var isSumming = false

    private static let countsAsProgress: Int64 = 1 << 20
    /// Up to this size in bytes an object comes into memory. Times twice the transfers in flight it is what that takes.
    private static let largestInMemory: Int64 = 1 << 20

    /// Whether an object of a size may come into memory.
    static func fitsMemory(_ size: Int64?) -> Bool { size ?? .max <= largestInMemory }

    /// An attempt that nothing has come of.
    init(into file: TransferFile? = nil, usesRanges: Bool = false) {
        self.file = file
        self.usesRanges = usesRanges
    }

    // MARK: - Pieces

    /// Whether there is nothing left to ask for.
    var isWhole: Bool { pieces.allSatisfy(\.isFinished) }
    /// Whether nothing but the object's first piece is known.
    var isAtItsFirstPiece: Bool { pieces.count == 1 }

    func has(_ piece: Int) -> Bool { pieces.indices.contains(piece) }

    mutating func addPiece(first: Int64, last: Int64?, retry: RetryState) {
        pieces.append(Piece(first: first, last: last, retry: retry))
    }

    /// Adds pieces for the rest of an object whose first range has come.
    ///
    /// - Returns: those pieces; `nil` if the object can only come in one stream: without a tag to hold on to, the ranges
    ///   could be those of two versions.
    mutating func addOtherRanges(of length: Int64, retry: RetryState) -> Range<Int>? {
        guard let size, pinned?.strongTag != nil else { return nil }
        let start = pieces.count
        for first in stride(from: length, to: size, by: Int(length)) {
            addPiece(first: first, last: min(first + length, size) - 1, retry: retry)
        }
        return start..<pieces.count
    }

    /// The request for what a piece still lacks, and where its body goes.
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

    /// All bytes of a piece that has come.
    func extent(_ piece: Int) -> (first: Int64, count: Int64) {
        let (first, last) = (pieces[piece].first, pieces[piece].last)
        return (first, (last.map { $0 + 1 } ?? size ?? 0) - first)
    }

    mutating func finish(_ piece: Int) { pieces[piece].isFinished = true }

    /// Whether a piece is to be asked for once more, and when.
    mutating func retry(
        _ piece: Int, now: Double, after: Double?, using random: inout SystemRandomNumberGenerator
    ) -> RetryState.Decision {
        pieces[piece].retry.decide(now: now, retryAfter: after, using: &random)
    }

    // MARK: - Answers

    /// Takes a piece's body; false if it is of another version.
    mutating func take(_ response: HTTPResponse) -> Bool {
        guard pin(response.head) else { return false }
        if response.head.status != 206 { size = response.receivedBytes }
        if file == nil { held = held.isEmpty ? response.body : held + response.body }
        return true
    }

    /// What is left of a body that broke off.
    enum Kept {
        /// Its bytes, if they are of use: the rest is to be asked for.
        case rest
        /// All of it: it broke off after its last byte.
        case all
        /// Nothing: it is another version's.
        case anotherVersion
    }

    /// Keeps the bytes of a body that broke off, if the rest can be asked for.
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

    /// Pins the version, or compares with it; false if this is another one.
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

    /// The job that adds up what has come from the file's start on without a gap, one stretch at a time; the last one to the
    /// file's end. `nil` if one is at it, or nothing new has come.
    mutating func nextSum(_ kinds: Set<ChecksumKind>) -> (@Sendable (StopFlag) -> LocalResult)? {
        guard let file, !isSumming else { return nil }
        let gap = pieces.firstIndex { !$0.isFinished }
        let end = gap.map { pieces[$0].first }
        if let end, end == summedUpTo { return nil }
        let sum = self.sum ?? FileSum(file, kinds)
        (self.sum, summedUpTo, isSumming) = (sum, end ?? .max, true)
        return { sum.add(upTo: end, stop: $0) }
    }

    /// A stretch has been added up.
    mutating func endedSum() { isSumming = false }
}

extension HTTPHead {
    /// The entity tag with its quotes, if it is one that `If-Match` may hold: two responses with the same strong tag are
    /// the same bytes.
    var strongTag: String? { self["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil } }
}
