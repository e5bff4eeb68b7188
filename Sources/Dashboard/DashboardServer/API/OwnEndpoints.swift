internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import Results
internal import TextFormats

/// Endpoints about the server itself.
struct OwnEndpoints {
    let services: Services

    var all: [Endpoint] { [me, events, health, readiness, metrics, logIn, logOut] }

    private var me: Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1/me", summary: "The current user, and what this server can show.",
            content: .json(schema: "Me")
        ) { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            let hasRoot = services.batches != nil
            let body: JSON = [
                "name": .string(visit.visitor.name), "role": .string(visit.visitor.role.rawValue),
                "root": .bool(hasRoot),
                "audio": .bool(hasRoot && visit.visitor.role.includes(.engineer)), "version": .string(services.version),
                "database": .string(services.results.kind.rawValue),
            ]
            return .json(body.bytes(.compact), to: visit.request)
        }
    }

    private var events: Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1/events",
            summary: "Server-sent events: new results, and loss and return of the database.",
            content: .other("text/event-stream"), allowsHead: false
        ) { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            return try services.hub.stream(visit, services.access)
        }
    }

    private var health: Endpoint {
        Endpoint(
            path: "/healthz", summary: "Whether the server is running.", content: .json(schema: "Health"), role: nil
        ) { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            return .json(Array(#"{"status":"ok"}"#.utf8), to: visit.request)
        }
    }

    private var readiness: Endpoint {
        let services = services
        return Endpoint(
            path: "/readyz", summary: "Whether the database answers; 503 if it does not.",
            content: .json(schema: "Health"), role: nil
        ) { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            do throws(Fault) { try await services.results.check() } catch {
                var problem = HTTPProblem(.serviceUnavailable, "the database does not answer")
                problem.cause = error.description
                throw problem
            }
            return .json(Array(#"{"status":"ok"}"#.utf8), to: visit.request)
        }
    }

    private var metrics: Endpoint {
        let services = services
        return Endpoint(
            path: "/metrics", summary: "Metrics of the server for Prometheus.",
            content: .other("text/plain; version=0.0.4; charset=utf-8")
        ) { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: ServerFigures.text(services))))
        }
    }

    private var logIn: Endpoint {
        let services = services
        return Endpoint(
            method: .post, path: "/login", summary: "Opens a session for a token.", content: .empty, role: nil,
            allowsHead: false
        ) { visit throws(HTTPProblem) in try await LogIn.answer(visit, services.access) }
    }

    private var logOut: Endpoint {
        let services = services
        return Endpoint(
            method: .post, path: "/logout", summary: "Ends the session.", content: .empty, role: nil, allowsHead: false
        ) { visit throws(HTTPProblem) in
            Response(
                status: .noContent,
                headers: [.setCookie: services.access.logOut(visit.request.headers), .cacheControl: "no-store"])
        }
    }
}
