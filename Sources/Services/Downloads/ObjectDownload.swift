internal import Digests
internal import Fault
internal import ObjectSources
internal import Transfer

/// How one object is downloaded: which piece to request, how to treat each answer, when to start over, and when to turn
/// to the next mirror. It starts nothing itself: every event returns the steps to take.
///
/// Two versions of an object are never mixed. The first response pins the version; every further request says
/// `If-Match`, and every further response is compared with it. The first range of a large object is requested alone, so
/// that the version, the size, and whether the server supports ranges are known before the others follow.
final class ObjectDownload {
    let index: Int
    let request: DownloadRequest
    private let routes: [ObjectRoute]
    private let options: DownloadOptions
    private var random = SystemRandomNumberGenerator()

    private var routeIndex = 0
    private var attempt = DownloadAttempt()
    private var outgrewMemory = false
    private var usesRanges: Bool
    /// Transfers and jobs whose end has not been reported yet.
    private var underWay = 0
    private var beginsAgainWhenIdle = false
    private var replacements = 0
    private var mismatches = 0
    private var requests = 0
    /// The first reason why a route failed, other than that the object was gone or withheld.
    private var firstFault: Fault?
    /// Why the first route that has the object withholds it.
    private var withheld: Withholding?
    /// The archived object's restore, while it is being requested.
    private var restore: ArchiveRestore?

    private static let toleratedMismatches = 2
    private static let toleratedCopyChanges = 3

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

    /// Starts with the current route.
    func begin() -> [Step] {
        guard routes.indices.contains(routeIndex) else { return [.fail(Fault(.defect, "'\(entry.key)' has no route"))] }
        attempt = DownloadAttempt()
        do throws(Fault) {
            switch routes[routeIndex].way {
            case .http:
                let usesMemory = !usesRanges && !outgrewMemory && DownloadAttempt.fitsMemory(entry.size)
                attempt = DownloadAttempt(
                    into: usesMemory ? nil : try TransferFile(creating: request.path), usesRanges: usesRanges)
                attempt.addPiece(first: 0, last: usesRanges ? options.rangeBytes - 1 : nil, retry: freshRetry)
                return [.transfer(piece: 0)]
            case .file(let relative, let root):
                let (kinds, path) = (verification.kinds, request.path)
                return job { LocalJob.copy(relative, below: root, to: path, kinds, stop: $0) }
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

    private func job(_ job: @escaping @Sendable (Cancellation) -> LocalResult) -> [Step] {
        underWay += 1
        return [.job(job)]
    }

    private var freshRetry: RetryState { RetryState(options.retry, now: options.time.monotonic()) }

    /// The request for the missing part of a piece.
    func transfer(_ piece: Int) -> (HTTPRequest, BodyDestination)? {
        guard case .http(let http, _) = routes[routeIndex].way, attempt.has(piece) else { return nil }
        underWay += 1
        requests += 1
        if let restore { return (restore.request(like: http), .memory(limit: ArchiveRestore.longestAnswer)) }
        return attempt.ask(for: piece, of: http, largestObject: options.largestObject)
    }

    private func beginAgain() -> [Step] {
        guard underWay > 0 else { return [.withdraw] + begin() }
        // What is running still writes to the file, or reads it.
        beginsAgainWhenIdle = true
        return [.withdraw]
    }

    /// Counts the end of a transfer or job; returns steps if it belonged to an abandoned attempt.
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
        if let restore { return restoreEnded(piece, restore, dialect.answer(result, now: options.time.wall())) }
        if attempt.file == nil, case .failure(let failure) = result, failure.kind == .tooLarge {
            // It has grown since it was listed.
            outgrewMemory = true
            return beginAgain()
        }
        switch dialect.answer(result, now: options.time.wall()) {
        case .good(let response): return arrived(piece, response)
        case .tryAgain(let reason, let after):
            if case .failure(let failure) = result {
                switch attempt.keep(piece, of: failure, from: dialect, now: options.time.monotonic()) {
                case .rest: break
                case .all: return finish(piece)
                case .anotherVersion: return replaced()
                }
            }
            return tryAgain(piece, reason, after)
        case .gone: return nextRoute(after: nil)
        case .withheld(let why): return withhold(why, dialect)
        case .underWay:
            return nextRoute(after: Fault(.unavailable, "\(place): the server sent an unexpected response"))
        case .replaced: return replaced()
        case .noRanges:
            usesRanges = false
            return beginAgain()
        case .refused(let fault): return nextRoute(after: fault.within(place))
        }
    }

    private func arrived(_ piece: Int, _ response: HTTPResponse) -> [Step] {
        attempt.take(response) ? finish(piece) : replaced()
    }

    private func finish(_ piece: Int) -> [Step] {
        attempt.finish(piece)
        guard let file = attempt.file else { return write(attempt.held) }
        var steps: [Step] = []
        if attempt.usesRanges, attempt.isAtItsFirstPiece {
            guard let others = attempt.addOtherRanges(of: options.rangeBytes, retry: freshRetry) else {
                usesRanges = false
                return beginAgain()
            }
            steps = others.map { .transfer(piece: $0) }
        }
        let (first, count) = attempt.extent(piece)
        steps.append(.flush(file, from: first, count: count))
        if attempt.isWhole, let size = attempt.size {
            do throws(Fault) {
                // A longer body may have been started before this one.
                try file.truncate(to: size)
            } catch {
                return [.fail(error)]
            }
        }
        return steps + goOnSumming()
    }

    private func goOnSumming() -> [Step] { attempt.nextSum(verification.kinds).map(job) ?? [] }

    private func tryAgain(_ piece: Int, _ reason: String, _ after: Double?) -> [Step] {
        switch attempt.retry(piece, now: options.time.monotonic(), after: after, using: &random) {
        case .retry(let at): return [.transferLater(piece: piece, at: at)]
        case .giveUp(let exhausted):
            return nextRoute(after: Fault(.unavailable, "\(place): \(reason); gave up after \(exhausted)"))
        }
    }

    /// The object has been replaced. The second time, download it in one stream, which cannot mix versions.
    private func replaced() -> [Step] {
        replacements += 1
        guard replacements == 1 else {
            return nextRoute(
                after: Fault(.unavailable, "\(place): the object is being replaced again and again; try later"))
        }
        usesRanges = false
        return beginAgain()
    }

    /// Has an archived object restored if that is configured, and turns to the next mirror.
    private func withhold(_ why: Withholding, _ dialect: StoreDialect) -> [Step] {
        let isFirst = withheld == nil
        let storage = entry.storageClass.map { " (its storage class is \($0))" } ?? ""
        withheld = withheld ?? Withholding(why.reason, "\(place): \(why.message)\(storage)")
        guard case .s3 = dialect, why.reason == .archived, options.restores, isFirst else {
            return nextRoute(after: nil)
        }
        restore = ArchiveRestore()
        attempt = DownloadAttempt()
        attempt.addPiece(first: 0, last: nil, retry: freshRetry)
        return [.withdraw, .transfer(piece: 0)]
    }

    private func restoreEnded(_ piece: Int, _ restore: ArchiveRestore, _ answer: StoreAnswer) -> [Step] {
        var reason = restore.meaning(of: answer)
        if case .tryAgain(let said, let after) = answer, reason == nil {
            switch attempt.retry(piece, now: options.time.monotonic(), after: after, using: &random) {
            case .retry(let at): return [.transferLater(piece: piece, at: at)]
            case .giveUp: reason = "a restore cannot be requested: \(said)"
            }
        }
        self.restore = nil
        withheld = Withholding(.archived, "\(place): the object is archived; \(reason ?? "")")
        return nextRoute(after: nil)
    }

    /// Turns to the next mirror, or ends.
    private func nextRoute(after fault: Fault?) -> [Step] {
        firstFault = firstFault ?? fault
        guard routeIndex + 1 < routes.count else {
            if let firstFault { return [.fail(firstFault)] }
            if let withheld {
                return [.withdraw, .settle(.withheld(reason: withheld.reason.rawValue, message: withheld.message))]
            }
            let places = routes.map { "'\($0.name)'" }.joined(separator: " and ")
            return [.withdraw, .settle(.vanished(message: "listed, but no longer there: \(places)"))]
        }
        routeIndex += 1
        replacements = 0
        mismatches = 0
        usesRanges = (entry.size ?? 0) >= options.rangedFrom
        return beginAgain()
    }

    // MARK: - DownloadCheck

    private var verification: DownloadCheck {
        DownloadCheck(entry: entry, routes: routes, routeIndex: routeIndex, head: attempt.pinned)
    }

    func jobEnded(_ result: LocalResult) -> [Step] {
        if let steps = countEnded() { return steps }
        switch result {
        case .added:
            attempt.endedSum()
            return goOnSumming()
        case .summed(let sum): return judge(sum)
        case .gone: return nextRoute(after: nil)
        case .unsteady:
            replacements += 1
            guard replacements <= Self.toleratedCopyChanges else {
                return nextRoute(
                    after: Fault(.retryLater, "\(place): it is being written to; run again when it is complete"))
            }
            return beginAgain()
        case .failed(let fault) where fault.kind == .disk: return [.fail(fault)]
        case .failed(let fault) where fault.kind == .denied:
            withheld = withheld ?? Withholding(.forbidden, "\(place): \(fault)")
            return nextRoute(after: nil)
        case .failed(let fault): return nextRoute(after: fault)
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
        // A mirror with a different object under the same key will keep it.
        guard mismatches <= Self.toleratedMismatches, routeIndex == 0 else {
            return nextRoute(after: Fault(.damaged, "\(place): \(reason)"))
        }
        return beginAgain()
    }
}
