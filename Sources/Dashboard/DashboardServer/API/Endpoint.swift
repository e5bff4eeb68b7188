internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

/// One thing that can be asked of the server. The router goes by the table of these, and so does `/openapi.json`.
struct Endpoint: Sendable {
    /// What comes back, for the description.
    enum Content: Sendable {
        /// JSON of a schema in ``OpenAPISchemas``.
        case json(schema: String)
        /// Anything else, of a media type.
        case other(String)
        /// Nothing.
        case empty
    }

    var method = HTTPRequest.Method.get
    /// The path; `{name}` stands for one segment.
    let path: String
    /// One line on what it is for.
    let summary: String
    var parameters: [Parameter] = []
    let content: Content
    /// Who may ask; `nil`: anybody, with or without a token.
    var role: Role? = .viewer
    /// Whether HEAD is answered as GET is, without the body.
    var allowsHead = true
    let answer: @Sendable (Visit) async throws(Problem) -> Response

    /// The methods it answers to, for `Allow`.
    var allowed: String { method == .get && allowsHead ? "GET, HEAD" : method.rawValue }
}

/// A request on its way to its answer.
struct Visit: Sendable {
    let request: Request
    let channel: any Channel
    /// The address that it came from; behind a proxy of this machine, the address that the proxy names.
    let client: String
    let visitor: Visitor
    /// The path and the query, as they came.
    let target: String
    /// The values of the path's `{names}`, in order.
    let names: [String]

    /// Whether the client is still there.
    var presence: ClientPresence {
        get async {
            // A connection that has ended has no handlers.
            (try? await channel.pipeline.handler(type: ClientPresence.self).get()) ?? ClientPresence(isGone: true)
        }
    }

    /// Does something for the client, which is cancelled when the client goes away.
    func whileThere<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(Fault) -> Value
    ) async throws(Problem) -> Value {
        let task = Task<Result<Value, Fault>, Never> {
            do throws(Fault) { return .success(try await work()) } catch { return .failure(error) }
        }
        let result = await presence.wait {
            await task.value
        } onLeaving: {
            task.cancel()
        }
        do throws(Fault) { return try result.get() } catch { throw Problem(error) }
    }

    /// The text behind the `?`.
    var queryText: Substring {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[target.utf8.index(after: $0)...] } ?? ""
    }
}
