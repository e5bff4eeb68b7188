internal import Digests
internal import Fault
internal import Hummingbird
internal import NIOPosix
internal import Results
internal import Time

/// What the endpoints use.
struct Services: Sendable {
    let version: String
    let results: ResultsDatabase
    /// The batches on disk; `nil` without `--root`.
    let batches: BatchFolders?
    let access: Access
    let hub: EventHub
    let cache: AnswerCache
    let audit: AuditLog
    let log: AccessLog
    /// Distinguishes this run's answers from those of an earlier one.
    let run = String(UInt64.random(in: .min ... .max), radix: 36)

    /// For how many seconds an answer that depends on the time may be reused.
    static let momentSeconds = 5

    /// The answer to a database query; cached answers are found before the query is prepared.
    func answer<Asked: ResultsQuery>(
        _ visit: IncomingRequest, allowing parameters: [Parameter],
        _ question: @escaping @Sendable (Query) throws(HTTPProblem) -> Asked
    ) async throws(HTTPProblem) -> Response {
        let generation = results.generation
        let moment = Asked.dependsOnTime ? Int(WallClock.now()) / Self.momentSeconds : 0
        // While changes go unnoticed nothing is kept, and only simultaneous requests share an answer.
        let stamp = AnswerCache.Stamp(generation: generation ?? AnswerCache.unknownGeneration, moment: moment)
        if generation != nil, let ready = cache.find(visit.target, stamp) { return ready.response(to: visit.request) }
        let asked = try question(Query(visit.queryText, allowing: parameters))
        let tag = generation.map { "\"\(run)-\($0)-\(moment)\"" }
        if let tag, visit.request.headers.matches(tag) { return .notModified(tag) }
        let ready = try await cache.make(visit.target, stamp, for: await visit.presence) { () throws(HTTPProblem) in
            let found: ResultsAnswer
            do throws(Fault) { found = try await results.answer(to: asked) } catch { throw HTTPProblem(error) }
            guard found.isRepeatable else { return AnswerCache.Ready(json: found.body, tag: nil) }
            return tag.map { AnswerCache.Ready(json: found.body, tag: $0) } ?? AnswerCache.Ready(json: found.body)
        }
        return ready.response(to: visit.request)
    }

    /// Records what is about to be sent; 503 if it cannot be recorded.
    func record(_ action: String, _ visit: IncomingRequest) async throws(HTTPProblem) {
        let audit = audit
        do {
            try await NIOThreadPool.singleton.runIfActive { try audit.record(action, visit) }
        } catch {
            var problem = HTTPProblem(
                .serviceUnavailable, "this cannot be recorded in the audit log, so it is not sent")
            problem.cause = "\(error)"
            throw problem
        }
    }
}

extension AnswerCache.Ready {
    /// JSON with a tag computed from its bytes.
    init(json: [UInt8]) { self.init(json: json, tag: "\"\(Digest(of: json).hex.prefix(32))\"") }

    /// JSON with a tag; without one it may not be cached.
    package init(json: [UInt8], tag: String?) {
        var headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: tag == nil ? "no-store" : "private, no-cache",
            .contentLength: String(json.count),
        ]
        headers[.eTag] = tag
        self.init(headers: headers, body: ByteBuffer(bytes: json), tag: tag)
    }

    /// The answer, or that the client's copy is current.
    func response(to request: Request) -> Response {
        if let tag, request.headers.matches(tag) { return .notModified(tag) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
