internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension EventHub {
    /// The answer to `/api/v1/events`: a stream that ends with the connection, or when the user loses access.
    func stream(_ visit: IncomingRequest, _ access: Access) throws(HTTPProblem) -> Response {
        guard hasRoom else {
            throw HTTPProblem(
                .serviceUnavailable, "too many event streams are open; try again later", headers: [.retryAfter: "30"])
        }
        let (request, channel) = (visit.request, visit.channel)
        let body = ResponseBody { writer in
            let listener = self.listen(after: request.headers[.lastEventID]) {
                channel.close(promise: nil)
            } isWelcome: {
                access.visitor(request.headers) != nil
            }
            guard let listener else { return try await writer.finish(nil) }
            defer { self.leave(listener.id) }
            // A leaving listener is noticed by the end of its input, not only at the next heartbeat.
            try await request.body.consumeWithInboundCloseHandler { _ in
                for await piece in listener.pieces { try await writer.write(piece) }
            } onInboundClosed: {
                self.leave(listener.id)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no"],
            body: body)
    }
}

extension HTTPField.Name {
    static let lastEventID = Self.known("Last-Event-ID")
    /// Tells nginx to forward events without buffering.
    static let accelBuffering = Self.known("X-Accel-Buffering")

    /// A name known to be valid.
    static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else { preconditionFailure("'\(name)' is not a header name") }
        return known
    }
}
