internal import Transfer

/// The parts of a URL that an index needs, resolved against another URL (RFC 3986, 5.2).
package struct URLReference {
    /// `https`, in lower case; `nil` if the reference is relative.
    package let scheme: String?
    /// `host:port`, with user info if any; `nil` if there is none.
    package let authority: String?
    /// Still percent-encoded.
    package let path: String
    /// Without the `?`; `nil` if there is none.
    let query: String?

    package init(_ text: String) {
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        } else {
            query = nil
        }
        let colon = rest.firstIndex { $0 == ":" || $0 == "/" }
        if let colon, rest[colon] == ":", rest[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        } else {
            scheme = nil
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<slash])
            rest = rest[slash...]
        } else {
            authority = nil
        }
        path = String(rest)
    }

    private init(scheme: String?, authority: String?, path: String, query: String?) {
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.query = query
    }

    package var text: String {
        (scheme.map { "\($0):" } ?? "") + (authority.map { "//\($0)" } ?? "") + path + (query.map { "?\($0)" } ?? "")
    }

    /// The folder of a path, ending in a slash.
    var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "/" }

    /// The URL of the folder, ending in a slash.
    var folderURL: String { URLReference(scheme: scheme, authority: authority, path: folder, query: nil).text }

    package func resolved(against base: URLReference) -> URLReference {
        if scheme != nil {
            return URLReference(
                scheme: scheme, authority: authority, path: Self.withoutDots(path), query: query)
        }
        if authority != nil {
            return URLReference(
                scheme: base.scheme, authority: authority, path: Self.withoutDots(path), query: query)
        }
        if path.isEmpty {
            return URLReference(
                scheme: base.scheme, authority: base.authority, path: base.path, query: query ?? base.query)
        }
        let merged = path.hasPrefix("/") ? path : base.folder + path
        return URLReference(
            scheme: base.scheme, authority: base.authority, path: Self.withoutDots(merged), query: query)
    }

    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        for (position, component) in components.enumerated() {
            let isLast = position == components.count - 1
            switch component {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > 1 { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(component)
            }
        }
        return kept.joined(separator: "/")
    }
}

/// A URL for messages and records: without user info, query and fragment, which may contain secrets.
package func publicURL(_ url: String) -> String {
    let parts = URLReference(url)
    guard let scheme = parts.scheme, let authority = parts.authority else { return url }
    let host = authority.lastIndex(of: "@").map { String(authority[authority.index(after: $0)...]) } ?? authority
    return "\(scheme)://\(host)\(parts.path)"
}
