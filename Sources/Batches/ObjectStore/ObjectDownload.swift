internal import Digests
internal import Fault
internal import Transfer

/// How one object is brought: which piece to ask for, what to make of each answer, when to begin again, and when to turn
/// to the next mirror. It starts nothing itself: every event returns the steps to take.
///
/// Two versions of an object are never mixed. The first response pins the version; every further request says `If-Match`,
/// and every further response is compared with it. A large object's first range goes out alone, so that the version,
/// the size, and whether the server does ranges at all, are known before the others follow.
final class ObjectDownload {
    enum Step {
        /// Ask for a piece as soon as there is room.
        case transfer(piece: Int)
        /// Ask for a piece at a time of the monotonic clock.
        case transferLater(piece: Int, at: Double)
        /// Forget every piece that waits, and cancel those under way. Their ends are still told.
        case withdraw
        /// Do this on another thread.
        case job(@Sendable (StopFlag) -> LocalResult)
        /// Write this on another thread.
        case write(ShortBody)
        /// Have the disk begin with a range of the file.
        case flush(TransferFile, from: Int64, count: Int64)
        /// Done.
        case settle(DownloadOutcome)
        /// The whole run cannot go on.
        case fail(Fault)
    }

    /// A run of bytes that one request at a time asks for.
    private struct Piece {
        let first: Int64
        /// `nil` while the size is not known.
        var last: Int64?
        var done: Int64 = 0
        var isFinished = false
        var retry: RetryState
    }

    let index: Int
    let request: DownloadRequest
    private let routes: [ObjectRoute]
    private let options: DownloadOptions
    private var random = SystemRandomNumberGenerator()

    private var routeIndex = 0
    private var file: TransferFile?
    /// Whether the body comes into memory, to be written and added up in one go by a job, rather than into the file.
    private var usesMemory = false
    private var outgrewMemory = false
    /// What a body in memory held before it broke off.
    private var held: [UInt8] = []
    private var pieces: [Piece] = []
    /// Head of the response that pinned the version.
    private var pinned: HTTPHead?
    private var size: Int64?
    private var usesRanges: Bool
    /// Adds the file up while its ranges come; `nil` until the first one is there.
    private var sum: FileSum?
    /// Up to where that has been told to go.
    private var summedUpTo: Int64 = 0
    private var isSumming = false
    /// Transfers and jobs whose end has not been told yet.
    private var underWay = 0
    private var beginsAgainWhenIdle = false
    private var replacements = 0
    private var mismatches = 0
    private var requests = 0
    /// The first reason, but for being gone, why a route did not lead to the object.
    private var firstFault: Fault?

    private static let toleratedMismatches = 2
    private static let toleratedCopyChanges = 3
    private static let countsAsProgress: Int64 = 1 << 20
    /// Up to this size in bytes an object comes into memory. Times twice the transfers in flight it is what that takes.
    private static let largestInMemory: Int64 = 1 << 20

    init(_ index: Int, _ request: DownloadRequest, _ routes: [ObjectRoute], _ options: DownloadOptions) {
        self.index = index
        self.request = request
        self.routes = routes
        self.options = options
        usesRanges = (request.entry.size ?? 0) >= options.rangedFrom
    }

    private var entry: ObjectEntry { request.entry }
    private var place: String { "cannot fetch '\(routes[routeIndex].name)'" }

    // MARK: - Beginning

    /// Begins with the current route.
    func begin() -> [Step] {
        guard routes.indices.contains(routeIndex) else { return [.fail(Fault(.defect, "'\(entry.key)' has no route"))] }
        pieces = []
        pinned = nil
        size = nil
        usesMemory = false
        held = []
        (sum, summedUpTo, isSumming) = (nil, 0, false)
        do throws(Fault) {
            switch routes[routeIndex].way {
            case .http:
                usesMemory = !usesRanges && !outgrewMemory && (entry.size ?? .max) <= Self.largestInMemory
                file = usesMemory ? nil : try TransferFile(creating: request.path)
                addPiece(first: 0, last: usesRanges ? options.rangeBytes - 1 : nil)
                return [.transfer(piece: 0)]
            case .file(let relative, let root):
                let (kinds, path) = (verification.kinds, request.path)
                return job { LocalJob.copy(relative, below: root, to: path, kinds, stop: $0) }
            case .bytes(let bytes, let etag):
                return write(bytes, etag: etag)
            case .gone: return nextRoute(after: nil)
            }
        } catch {
            return [.fail(error)]
        }
    }

    private func write(_ bytes: [UInt8], etag: String? = nil) -> [Step] {
        underWay += 1
        return [.write(ShortBody(bytes: bytes, etag: etag, path: request.path, kinds: verification.kinds))]
    }

    private func job(_ job: @escaping @Sendable (StopFlag) -> LocalResult) -> [Step] {
        underWay += 1
        return [.job(job)]
    }

    private func addPiece(first: Int64, last: Int64?) {
        pieces.append(Piece(first: first, last: last, retry: RetryState(options.retry, now: options.time.monotonic())))
    }

    /// The request for what a piece still lacks.
    func transfer(_ piece: Int) -> (HTTPRequest, BodyDestination)? {
        guard case .http(var http, _) = routes[routeIndex].way, pieces.indices.contains(piece) else { return nil }
        let piece = pieces[piece]
        let from = piece.first + piece.done
        if usesRanges || from > 0 {
            http.range = ByteRange(first: from, last: piece.last)
            http.ifMatch = pinned?.strongTag
        }
        underWay += 1
        requests += 1
        guard let file else { return (http, .memory(limit: Int(Self.largestInMemory) - held.count)) }
        let limit = piece.last.map { $0 - from + 1 } ?? options.largestObject
        return (http, .file(file, offset: from, limit: limit))
    }

    private func beginAgain() -> [Step] {
        guard underWay > 0 else { return [.withdraw] + begin() }
        // What is under way still writes into the file, or reads it.
        beginsAgainWhenIdle = true
        return [.withdraw]
    }

    /// Counts the end of a transfer or job; steps if it was of an attempt that has been given up.
    private func countEnded() -> [Step]? {
        underWay -= 1
        guard beginsAgainWhenIdle else { return nil }
        guard underWay == 0 else { return [] }
        beginsAgainWhenIdle = false
        return begin()
    }

    // MARK: - Answers

    func transferEnded(_ piece: Int, _ result: TransferResult) -> [Step] {
        if let steps = countEnded() { return steps }
        guard case .http(_, let dialect) = routes[routeIndex].way else { return [] }
        if usesMemory, case .failure(let failure) = result, failure.kind == .tooLarge {
            // It has grown since it was listed.
            outgrewMemory = true
            return beginAgain()
        }
        switch dialect.answer(result, now: options.time.wall()) {
        case .good(let response): return arrived(piece, response)
        case .tryAgain(let reason, let after):
            if case .failure(let failure) = result, let head = failure.head, let steps = keep(piece, failure, head) {
                return steps
            }
            return tryAgain(piece, reason, after)
        case .gone: return nextRoute(after: nil)
        case .replaced: return replaced()
        case .noRanges:
            usesRanges = false
            return beginAgain()
        case .refused(let fault): return nextRoute(after: fault.within(place))
        }
    }

    private func arrived(_ piece: Int, _ response: HTTPResponse) -> [Step] {
        guard pin(response.head) else { return replaced() }
        if response.head.status != 206 { size = response.receivedBytes }
        if usesMemory { held = held.isEmpty ? response.body : held + response.body }
        return finish(piece)
    }

    private func finish(_ index: Int) -> [Step] {
        pieces[index].isFinished = true
        guard let file else { return write(held) }
        var steps: [Step] = []
        if usesRanges, pieces.count == 1 {
            guard let more = addOtherRanges() else { return beginAgain() }
            steps = more
        }
        let piece = pieces[index]
        steps.append(.flush(file, from: piece.first, count: (piece.last.map { $0 + 1 } ?? size ?? 0) - piece.first))
        if pieces.allSatisfy(\.isFinished) {
            do throws(Fault) {
                // A longer body may have been begun before this one.
                if let size { try file.truncate(to: size) }
            } catch {
                return [.fail(error)]
            }
        }
        return steps + goOnSumming(file)
    }

    /// Adds up what has come from the file's start on without a gap, one stretch at a time; the last one to the file's end.
    private func goOnSumming(_ file: TransferFile) -> [Step] {
        guard !isSumming else { return [] }
        let gap = pieces.firstIndex { !$0.isFinished }
        let end = gap.map { pieces[$0].first }
        if let end, end == summedUpTo { return [] }
        let sum = self.sum ?? FileSum(file, verification.kinds)
        (self.sum, summedUpTo, isSumming) = (sum, end ?? .max, true)
        return job { sum.add(upTo: end, stop: $0) }
    }

    /// Asks for the rest of an object whose first range has come; `nil` if it can only come in one stream.
    private func addOtherRanges() -> [Step]? {
        // Without a tag to hold on to, the ranges could be those of two versions.
        guard let size, pinned?.strongTag != nil else {
            usesRanges = false
            return nil
        }
        var first = options.rangeBytes
        while first < size {
            addPiece(first: first, last: min(first + options.rangeBytes, size) - 1)
            first += options.rangeBytes
        }
        return pieces.indices.dropFirst().map { .transfer(piece: $0) }
    }

    /// Pins the version, or compares with it; false if this is another one.
    private func pin(_ head: HTTPHead) -> Bool {
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

    /// Keeps the bytes of a body that broke off, if the rest can be asked for; steps if there is something else to do than
    /// to try again.
    private func keep(_ index: Int, _ failure: TransferFailure, _ head: HTTPHead) -> [Step]? {
        guard head.status == 200 || head.status == 206 else { return nil }
        guard case .http(_, let dialect) = routes[routeIndex].way else { return nil }
        let doesRanges =
            if case .s3 = dialect { true } else { head.status == 206 || head["accept-ranges"] == "bytes" }
        guard doesRanges, head.strongTag != nil else {
            if pieces.count == 1 { (pinned, size) = (nil, nil) }
            pieces[index].done = 0
            held = []
            return nil
        }
        guard pin(head) else { return replaced() }
        if usesMemory { held += failure.body }
        pieces[index].done += failure.receivedBytes
        if failure.receivedBytes >= Self.countsAsProgress {
            pieces[index].retry.noteProgress(now: options.time.monotonic())
        }
        // It may have broken off after its last byte.
        let last = pieces[index].last ?? size.map { $0 - 1 }
        if let last, pieces[index].first + pieces[index].done > last { return finish(index) }
        return nil
    }

    private func tryAgain(_ piece: Int, _ reason: String, _ after: Double?) -> [Step] {
        switch pieces[piece].retry.decide(now: options.time.monotonic(), retryAfter: after, using: &random) {
        case .retry(let at): return [.transferLater(piece: piece, at: at)]
        case .giveUp(let exhausted):
            return nextRoute(after: Fault(.unavailable, "\(place): \(reason); gave up after \(exhausted)"))
        }
    }

    /// The object is another one than before. The second time it comes in one stream, which nothing can be mixed into.
    private func replaced() -> [Step] {
        replacements += 1
        guard replacements == 1 else {
            return nextRoute(
                after: Fault(.unavailable, "\(place): the object is being replaced again and again; try later"))
        }
        usesRanges = false
        return beginAgain()
    }

    /// Turns to the next mirror, or ends.
    private func nextRoute(after fault: Fault?) -> [Step] {
        firstFault = firstFault ?? fault
        guard routeIndex + 1 < routes.count else {
            if let firstFault { return [.fail(firstFault)] }
            let places = routes.map { "'\($0.name)'" }.joined(separator: " and ")
            return [.withdraw, .settle(.vanished(message: "listed, but no longer there: \(places)"))]
        }
        routeIndex += 1
        replacements = 0
        mismatches = 0
        usesRanges = (entry.size ?? 0) >= options.rangedFrom
        return beginAgain()
    }

    // MARK: - Verification

    private var verification: Verification {
        Verification(entry: entry, routes: routes, routeIndex: routeIndex, head: pinned)
    }

    func jobEnded(_ result: LocalResult) -> [Step] {
        if let steps = countEnded() { return steps }
        switch result {
        case .added:
            isSumming = false
            return file.map(goOnSumming) ?? []
        case .summed(let sum): return judge(sum)
        case .gone: return nextRoute(after: nil)
        case .unsteady:
            replacements += 1
            guard replacements <= Self.toleratedCopyChanges else {
                return nextRoute(
                    after: Fault(.retryLater, "\(place): it is being written to; run again when it is complete"))
            }
            return beginAgain()
        case .failed(let fault): return fault.kind == .disk ? [.fail(fault)] : nextRoute(after: fault)
        }
    }

    private func judge(_ sum: LocalSum) -> [Step] {
        switch verification.judge(sum) {
        case .failure(let mismatch): mismatched(mismatch.description)
        case .success(let verified):
            [
                .settle(
                    .fetched(
                        FetchedObject(
                            bytes: sum.bytes, sha256: (sum.found[.sha256] ?? []).hex, etag: verified.etag,
                            lastModified: verified.lastModified, verifiedBy: verified.by,
                            changedSinceListing: verified.changedSinceListing, url: routes[routeIndex].name,
                            requests: requests)))
            ]
        }
    }

    private func mismatched(_ reason: String) -> [Step] {
        mismatches += 1
        // A mirror with another object under the same key will not change its mind.
        guard mismatches <= Self.toleratedMismatches, routeIndex == 0 else {
            return nextRoute(after: Fault(.damaged, "\(place): \(reason)"))
        }
        return beginAgain()
    }
}

extension HTTPHead {
    /// The entity tag with its quotes, if it is one that `If-Match` may hold: two responses with the same strong tag are
    /// the same bytes.
    fileprivate var strongTag: String? { self["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil } }
}
