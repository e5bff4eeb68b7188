internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

/// Exchanges a token, sent as JSON or as a form, for a session cookie.
enum LogIn {
    /// The largest body in bytes.
    static let mostBytes = 4096
    private static let seconds = 10

    static func answer(_ visit: IncomingRequest, _ access: Access) async throws(HTTPProblem) -> Response {
        guard access.tokens != nil else {
            throw HTTPProblem(.notFound, "this server does not use tokens, so there is no login")
        }
        let isForm = visit.request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        let body = try await body(of: visit.request)
        guard let token = isForm ? formToken(body) : (try? JSON(parsing: body))?["token"]?.string else {
            throw HTTPProblem(.badRequest, #"send {"token": "…"} as JSON, or token=… as a form"#)
        }
        guard let (_, cookie) = access.logIn(token) else {
            throw HTTPProblem(.unauthorized, "unknown token")
        }
        var headers: HTTPFields = [.setCookie: cookie, .cacheControl: "no-store"]
        if isForm { headers[.location] = "/" }
        return Response(status: isForm ? .seeOther : .noContent, headers: headers)
    }

    private static func formToken(_ body: [UInt8]) -> String? {
        for pair in body.split(separator: UInt8(ascii: "&")) where pair.starts(with: "token=".utf8) {
            return Query.decoded(pair.dropFirst(6))
        }
        return nil
    }

    /// The whole body, if it is small and arrives in time.
    private static func body(of request: Request) async throws(HTTPProblem) -> [UInt8] {
        let late = HTTPProblem(
            .requestTimeout, "the body did not arrive within \(seconds) s", headers: [.connection: "close"])
        let result = await withTaskGroup(of: Result<[UInt8], HTTPProblem>.self) { group in
            group.addTask {
                do {
                    let buffer = try await request.body.collect(upTo: mostBytes)
                    return .success(Array(buffer.readableBytesView))
                } catch is NIOTooManyBytesError {
                    return .failure(.tooLarge)
                } catch {
                    return .failure(late)
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return .failure(late)
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(late)
        }
        return try result.get()
    }
}

extension HTTPProblem {
    /// A body larger than any expected one.
    static let tooLarge = HTTPProblem(
        .contentTooLarge, "the body is larger than \(LogIn.mostBytes) bytes", headers: [.connection: "close"])
}
