internal import Digests
internal import Durable
internal import Fault
internal import HTTPTypes
internal import Hummingbird

/// The page's files, read when the server starts: no path can reach any other file.
struct StaticFiles: Sendable {
    private struct File {
        let headers: HTTPFields
        let body: ByteBuffer
        let tag: String
    }

    private static let mostBytes = 32 << 20

    private var files: [String: File] = [:]

    /// Reads the files of the page and of its libraries (66 if there is no `index.html`).
    init(page: PageFolders) throws(Fault) {
        var bytes = 0
        try add(page.page, at: "/", &bytes)
        if let vendor = page.vendor {
            guard Folders.isFolder(vendor) else {
                throw Fault(.missing, "the page's libraries are not in '\(vendor)'; run 'make setup'")
            }
            try add(vendor, at: "/vendor/", &bytes)
        }
        guard let index = files["/index.html"] else {
            throw Fault(.missing, "there is no page in '\(page.page)'; give the folder of index.html with --page")
        }
        files["/"] = index
    }

    private mutating func add(_ folder: String, at prefix: String, _ total: inout Int) throws(Fault) {
        for name in try Folders.names(in: folder) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if Folders.isFolder(path) {
                try add(path, at: "\(prefix)\(name)/", &total)
                continue
            }
            guard let type = Self.mediaType(name) else { continue }
            let bytes = try AtomicFile.read(path, atMost: Self.mostBytes)
            total += bytes.count
            guard total <= Self.mostBytes else {
                throw Fault(
                    .configuration, "'\(folder)' is not a page: its files are larger than \(Self.mostBytes) bytes")
            }
            let tag = "\"\(Digest(of: bytes).hex.prefix(32))\""
            // Revalidated at every visit, and sent again only if changed.
            files[prefix + name] = File(
                headers: [
                    .contentType: type, .cacheControl: "no-cache", .eTag: tag, .contentLength: String(bytes.count),
                ], body: ByteBuffer(bytes: bytes), tag: tag)
        }
    }

    /// The file at a path; `nil` if there is none.
    func find(_ request: Request, path: String) throws(HTTPProblem) -> Response? {
        guard let file = files[path] else { return nil }
        guard request.method == .get || request.method == .head else {
            throw HTTPProblem(.methodNotAllowed, "only GET, HEAD here", headers: [.allow: "GET, HEAD"])
        }
        if request.headers.matches(file.tag) { return .notModified(file.tag) }
        return Response(status: .ok, headers: file.headers, body: ResponseBody(byteBuffer: file.body))
    }

    /// A file's media type; `nil` if it is not served.
    private static func mediaType(_ name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: nil
        }
    }
}

extension HTTPFields {
    /// Whether the client says that it has the version with a tag.
    func matches(_ tag: String) -> Bool {
        guard let known = self[.ifNoneMatch] else { return false }
        if known == tag { return true }
        return known.split(separator: ",").contains { candidate in
            let text = candidate.drop { $0 == " " }
            return text == "*" || text == tag || text.hasPrefix("W/") && text.dropFirst(2) == tag
        }
    }
}

extension Response {
    /// The client's copy is current.
    static func notModified(_ tag: String) -> Response {
        Response(status: .notModified, headers: [.eTag: tag, .cacheControl: "private, no-cache"])
    }
}
