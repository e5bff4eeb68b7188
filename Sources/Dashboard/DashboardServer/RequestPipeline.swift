internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Time

/// Handles every request, in order: checks the host, the body's size and the client's rate, finds the endpoint, checks
/// that the request comes from our own page and that the user may make it; then answers, with the headers common to all
/// answers and a line in the log.
struct RequestPipeline: HTTPResponder {
    typealias Context = Connection

    let services: Services
    let router: Router
    let files: StaticFiles
    let hosts: HostCheck
    let rate: RateLimit
    /// Whether a proxy on this machine names the clients it forwards for.
    let isBehindProxy: Bool

    /// What is known about a request when it is logged.
    private struct Passage {
        let client: String
        var endpoint = "none"
        var visitor: Visitor?
    }

    func respond(to request: Request, context: Connection) async -> Response {
        let began = MonotonicClock.now()
        var passage = Passage(client: client(of: request, context.channel))
        var response: Response
        var cause: String?
        do throws(HTTPProblem) {
            response = try await answer(request, context.channel, &passage)
        } catch {
            (response, cause) = (error.response, error.cause)
            if error.headers[.connection] == "close" { response.closes(context.channel) }
        }
        SecurityHeaders.add(to: &response)
        services.log.record(
            request, client: passage.client, visitor: passage.visitor, endpoint: passage.endpoint,
            status: response.status.code, seconds: MonotonicClock.now() - began, bytes: response.body.contentLength,
            cause: cause)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ channel: any Channel, _ passage: inout Passage
    ) async throws(HTTPProblem) -> Response {
        try hosts.check(request.head.authority)
        try checkBody(request)
        if let seconds = rate.wait(passage.client) {
            throw HTTPProblem(
                .tooManyRequests, "too many requests; wait a moment", headers: [.retryAfter: String(seconds)])
        }
        let target = request.head.path ?? "/"
        let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target
        guard let (endpoint, names) = try router.find(request.method, path) else {
            guard let file = try files.find(request, path: path) else {
                throw HTTPProblem(.notFound, "there is nothing at this path")
            }
            passage.endpoint = "page"
            return file
        }
        passage.endpoint = endpoint.path
        // What is open to all reveals nothing; but a login or logout changes something.
        if endpoint.role != nil || endpoint.method != .get { try SiteCheck.check(request) }
        let visitor = services.access.visitor(request.headers)
        passage.visitor = visitor
        if let role = endpoint.role { try Self.admit(visitor, as: role) }
        return try await endpoint.answer(
            IncomingRequest(
                request: request, channel: channel, client: passage.client, visitor: visitor ?? .nobody, target: target,
                names: names))
    }

    private static func admit(_ visitor: Visitor?, as role: Role) throws(HTTPProblem) {
        guard let visitor else {
            throw HTTPProblem(
                .unauthorized, "this needs a token: log in, or send it as 'Authorization: Bearer …'",
                headers: [.wwwAuthenticate: "Bearer realm=\"nocturne\""])
        }
        guard visitor.role.includes(role) else {
            throw HTTPProblem(
                .forbidden,
                "this needs the role '\(role.rawValue)', and '\(visitor.name)' is a \(visitor.role.rawValue)")
        }
    }

    /// Only a login has a body.
    private func checkBody(_ request: Request) throws(HTTPProblem) {
        let size = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let isEndless = request.headers[.transferEncoding] != nil && request.method != .post
        if isEndless || size > LogIn.mostBytes { throw .tooLarge }
    }

    /// The address named by a proxy on this machine, otherwise the connection's own.
    private func client(of request: Request, _ channel: any Channel) -> String {
        let address = channel.remoteAddress?.ipAddress ?? "unknown"
        guard isBehindProxy, ListenAddress.isLoopback(address),
            let forwarded = request.headers[.known("X-Forwarded-For")]?.split(separator: ",").last
        else { return address }
        return String(forwarded.drop { $0 == " " })
    }
}

/// The source of a request.
struct Connection: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}

extension Visitor {
    /// The user of endpoints that are open to all.
    static let nobody = Visitor(name: "", role: .viewer)
}

extension Response {
    /// Closes the connection after this answer, without reading what the client still sends.
    fileprivate mutating func closes(_ channel: any Channel) {
        let answer = body
        body = ResponseBody(contentLength: answer.contentLength) { writer in
            try await answer.write(writer)
            // Not at once: bytes arriving at a closed socket would discard the answer.
            channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        }
    }
}
