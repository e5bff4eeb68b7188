internal import HTTPTypes
internal import Hummingbird
internal import JSON

/// The description of the API (OpenAPI 3.1), generated from the table of endpoints, so that it matches the router.
enum OpenAPI {
    private static let path = "/openapi.json"

    /// The endpoint of the description, which includes itself.
    static func endpoint(describing endpoints: [Endpoint], version: String) -> Endpoint {
        func endpoint(_ answer: @escaping @Sendable (IncomingRequest) async throws(HTTPProblem) -> Response) -> Endpoint
        {
            Endpoint(
                path: path, summary: "This description.", content: .json(schema: "Description"), role: nil,
                answer: answer)
        }
        let own = endpoint { _ throws(HTTPProblem) in throw HTTPProblem(.notFound, "") }
        let text = document(endpoints + [own], version: version).bytes(.pretty)
        return endpoint { visit throws(HTTPProblem) in
            _ = try Query(visit.queryText, allowing: [])
            return .json(text, to: visit.request)
        }
    }

    /// The whole description.
    static func document(_ endpoints: [Endpoint], version: String) -> JSON {
        var paths = JSONObject()
        for endpoint in endpoints {
            var methods = paths[endpoint.path]?.object ?? JSONObject()
            methods[endpoint.method.rawValue.lowercased()] = operation(endpoint)
            paths[endpoint.path] = .object(methods)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Nocturne", "version": .string(version),
                "description": "Results of the nightly pipelines, as written by store.",
            ],
            "servers": [["url": "/"]], "paths": .object(paths),
            "components": [
                "schemas": OpenAPISchemas.all,
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer"],
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(Access.cookieName)],
                ],
            ],
        ]
    }

    private static func operation(_ endpoint: Endpoint) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(identifier(endpoint)), "summary": .string(endpoint.summary),
            "parameters": .array(names(in: endpoint.path) + endpoint.parameters.map(\.described)),
        ]
        if endpoint.path == "/login" { operation["requestBody"] = loginBody }
        operation["responses"] = responses(endpoint)
        // The empty requirement: a server without tokens requires none.
        operation["security"] = endpoint.role == nil ? [] : [[:], ["token": []], ["session": []]]
        return .object(operation)
    }

    /// `getApiV1BatchesPipelineBatch`
    private static func identifier(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split { !$0.isLetter && !$0.isNumber }
        return endpoint.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func names(in path: String) -> [JSON] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            [
                "name": .string(String(segment.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string", "pattern": .string(Parameter.namePattern)],
            ]
        }
    }

    private static let loginBody: JSON = [
        "required": true,
        "content": [
            "application/json": ["schema": ["$ref": "#/components/schemas/Login"]],
            "application/x-www-form-urlencoded": ["schema": ["$ref": "#/components/schemas/Login"]],
        ],
    ]

    private static func responses(_ endpoint: Endpoint) -> JSON {
        var good: JSONObject = ["description": .string(endpoint.summary)]
        switch endpoint.content {
        case .json(let schema):
            good["content"] = ["application/json": ["schema": ["$ref": .string("#/components/schemas/\(schema)")]]]
        case .other(let type): good["content"] = .object([type: ["schema": ["type": "string"]]])
        case .empty: break
        }
        var answers = JSONObject()
        if case .empty = endpoint.content {
            answers["204"] = .object(good)
            if endpoint.path == "/login" {
                answers["303"] = ["description": "The login succeeded; redirects to the page."]
            }
        } else {
            answers["200"] = .object(good)
            if case .json = endpoint.content { answers["304"] = ["description": "The client's copy is current."] }
        }
        answers["default"] = [
            "description": "The reason, in words.",
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
        return .object(answers)
    }
}
