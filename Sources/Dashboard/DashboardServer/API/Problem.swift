internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON

/// Why a request is not answered with what it asked for: RFC 9457's `application/problem+json`.
package struct Problem: Error {
    let status: HTTPResponse.Status
    /// What was wrong and what to do, for a person.
    let detail: String
    var headers: HTTPFields = [:]
    /// What stands in the access log and not in the answer.
    var cause: String?

    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// What the room below says, as far as it is the asker's business.
    init(_ fault: Fault) {
        switch fault.kind {
        case .usage: self.init(.badRequest, fault.message)
        case .configuration: self.init(.internalServerError, fault.message)
        case .denied:
            self.init(
                .serviceUnavailable, "the database denies what this server's user asks; the server's log says what",
                headers: [.retryAfter: "60"])
        case .missing: self.init(.notFound, fault.message)
        case .unavailable:
            self.init(.serviceUnavailable, "the database is away; try again", headers: [.retryAfter: "5"])
        case .retryLater:
            self.init(
                .serviceUnavailable, "this takes too long just now; ask for less, or try again",
                headers: [.retryAfter: "5"])
        case .terminated:
            // Nobody reads it; in the log it is nobody's fault.
            self.init(.init(code: 499, reasonPhrase: "Client Closed Request"), fault.message)
        default: self.init(.internalServerError, "the server cannot answer this; its log says why")
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
