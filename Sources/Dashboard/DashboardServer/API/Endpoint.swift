internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

/// An endpoint of the server. The router uses the table of endpoints, and so does `/openapi.json`.
struct Endpoint: Sendable {
    /// The content of an answer, for the description.
    enum Content: Sendable {
        /// JSON with a schema in ``OpenAPISchemas``.
        case json(schema: String)
        /// Another media type.
        case other(String)
        /// No content.
        case empty
    }

    var method = HTTPRequest.Method.get
    /// The path; `{name}` stands for one segment.
    let path: String
    /// Its purpose in one line.
    let summary: String
    var parameters: [Parameter] = []
    let content: Content
    /// The role required; `nil` if it is open to all, with or without a token.
    var role: Role? = .viewer
    /// Whether HEAD is answered like GET, without the body.
    var allowsHead = true
    let answer: @Sendable (IncomingRequest) async throws(HTTPProblem) -> Response

    /// The methods it accepts, for `Allow`.
    var allowed: String { method == .get && allowsHead ? "GET, HEAD" : method.rawValue }
}

/// A request being answered.
struct IncomingRequest: Sendable {
    let request: Request
    let channel: any Channel
    /// The client's address; behind a proxy on this machine, the address named by the proxy.
    let client: String
    let visitor: Visitor
    /// The path and the query as received.
    let target: String
    /// The values of the path's `{names}`, in order.
    let names: [String]

    /// Whether the client is still connected.
    var presence: ClientPresence {
        get async {
            // A closed connection has no handlers.
            (try? await channel.pipeline.handler(type: ClientPresence.self).get()) ?? ClientPresence(isGone: true)
        }
    }

    /// Runs work for the client; cancelled when the client disconnects.
    func whileThere<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(Fault) -> Value
    ) async throws(HTTPProblem) -> Value {
        let task = Task<Result<Value, Fault>, Never> {
            do throws(Fault) { return .success(try await work()) } catch { return .failure(error) }
        }
        let result = await presence.wait {
            await task.value
        } onLeaving: {
            task.cancel()
        }
        do throws(Fault) { return try result.get() } catch { throw HTTPProblem(error) }
    }

    /// The text after the `?`.
    var queryText: Substring {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[target.utf8.index(after: $0)...] } ?? ""
    }
}
