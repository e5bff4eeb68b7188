internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON

/// Why a request was refused or failed: RFC 9457's `application/problem+json`.
package struct HTTPProblem: Error {
    let status: HTTPResponse.Status
    /// What was wrong and what to do, in words.
    let detail: String
    var headers: HTTPFields = [:]
    /// Details for the access log that are not sent to the client.
    var cause: String?

    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// Translates a fault into what the client may know.
    init(_ fault: Fault) {
        switch fault.kind {
        case .usage: self.init(.badRequest, fault.message)
        case .configuration: self.init(.internalServerError, fault.message)
        case .denied:
            self.init(
                .serviceUnavailable, "the database denies access to this server's user; see the server's log",
                headers: [.retryAfter: "60"])
        case .missing: self.init(.notFound, fault.message)
        case .unavailable:
            self.init(.serviceUnavailable, "the database is unavailable; try again", headers: [.retryAfter: "5"])
        case .retryLater:
            self.init(
                .serviceUnavailable, "this takes too long at the moment; request less, or try again",
                headers: [.retryAfter: "5"])
        case .terminated:
            // The client has gone and does not receive it; in the log it is not an error.
            self.init(.init(code: 499, reasonPhrase: "Client Closed Request"), fault.message)
        default: self.init(.internalServerError, "the server cannot answer this; see its log")
        }
        cause = fault.description
    }

    var response: Response {
        let body: JSON = [
            "type": "about:blank", "title": .string(status.reasonPhrase), "status": .int(Int64(status.code)),
            "detail": .string(detail),
        ]
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes(.compact))))
    }
}
