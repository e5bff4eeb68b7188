internal import HTTPTypes

/// Finds the endpoint for a path.
struct Router: Sendable {
    /// The endpoints, in the order of the description.
    let endpoints: [Endpoint]
    private let fixed: [String: [Endpoint]]
    private let templates: [(segments: [Substring], endpoint: Endpoint)]

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        let isTemplate = { (endpoint: Endpoint) in endpoint.path.utf8.contains(UInt8(ascii: "{")) }
        fixed = Dictionary(grouping: endpoints.filter { !isTemplate($0) }, by: \.path)
        templates = endpoints.filter(isTemplate).map { ($0.path.split(separator: "/"), $0) }
    }

    /// The endpoint for a method and a path; `nil` if the path has none. Throws 405 if it does not accept the method.
    func find(_ method: HTTPRequest.Method, _ path: String) throws(HTTPProblem) -> (
        endpoint: Endpoint, names: [String]
    )? {
        if let there = fixed[path] {
            guard let endpoint = there.first(where: { $0.takes(method) }) else { throw Self.wrongMethod(there) }
            return (endpoint, [])
        }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for template in templates {
            guard let names = Self.match(template.segments, segments) else { continue }
            guard template.endpoint.takes(method) else { throw Self.wrongMethod([template.endpoint]) }
            return (template.endpoint, names)
        }
        return nil
    }

    private static func match(_ template: [Substring], _ segments: ArraySlice<Substring>) -> [String]? {
        guard template.count == segments.count else { return nil }
        var names: [String] = []
        for (wanted, given) in zip(template, segments) {
            if wanted.hasPrefix("{") {
                guard let name = Query.decoded(given.utf8), Parameter.isName(name) else { return nil }
                names.append(name)
            } else if wanted != given {
                return nil
            }
        }
        return names
    }

    private static func wrongMethod(_ endpoints: [Endpoint]) -> HTTPProblem {
        let allowed = endpoints.map(\.allowed).joined(separator: ", ")
        return HTTPProblem(.methodNotAllowed, "only \(allowed) here", headers: [.allow: allowed])
    }
}

extension Endpoint {
    fileprivate func takes(_ asked: HTTPRequest.Method) -> Bool {
        asked == method || asked == .head && method == .get && allowsHead
    }
}
