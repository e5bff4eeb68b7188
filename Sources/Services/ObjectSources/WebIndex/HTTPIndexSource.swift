internal import Fault
internal import JSON
internal import Transfer

/// A JSON Lines file on a web server that lists the objects: `{"url": …}` per line, with `id` (or `key`), `size`,
/// `etag`, `last_modified` and `sha256` if known; other members become fields of the item. URLs are relative to the
/// index.
struct HTTPIndexSource: ObjectSource {
    private let url: URLReference
    private let settings: SourceSettings
    private let client: PatientClient

    /// The largest index to read, about two million lines.
    private static let largestIndex = 256 << 20
    private static let linesPerPage = 1000

    init(_ url: String, settings: SourceSettings, client: PatientClient) throws(Fault) {
        let reference = URLReference(CanonicalURL.repair(url))
        guard let authority = reference.authority, !authority.isEmpty, !authority.contains("@") else {
            throw Fault(
                .configuration,
                "'\(publicURL(url))' is not of the form http(s)://host/path/index.jsonl (user names and passwords do not belong in it)"
            )
        }
        self.url = reference
        self.settings = settings
        self.client = client
    }

    var origin: String { publicURL(url.text) }

    var addresses: [String] { [url.folderURL] }

    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        let origin = origin
        let body = try client.get(
            request(url.text), atMost: Self.largestIndex, dialect: .web, subject: "the index '\(origin)'",
            checkStop: checkStop
        ) { response throws(UnusableAnswer) in
            // Truncated at the end of a line, it would look like a smaller night.
            guard response.endIsKnown else {
                throw UnusableAnswer(
                    description: "the server does not report the index's length, so it may be truncated")
            }
            return response.body
        }
        var page: [ObjectEntry] = []
        for (position, line) in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            if line.allSatisfy({ $0 <= 0x20 }) { continue }
            page.append(try entry(line, place: "'\(origin)', line \(position + 1)"))
            if page.count == Self.linesPerPage {
                try visit(page)
                page.removeAll()
            }
        }
        try visit(page)
    }

    func routes(to entry: ObjectEntry) -> [ObjectRoute] {
        [route(toURL: String(decoding: entry.address, as: UTF8.self))]
    }

    func route(toKey key: String) -> ObjectRoute {
        let relative = URLReference("./" + CanonicalURL.path(key.utf8))
        return route(toURL: relative.resolved(against: url).text)
    }

    private func route(toURL text: String) -> ObjectRoute {
        ObjectRoute(name: publicURL(text), way: .http(request(text), .web))
    }

    private func request(_ text: String) -> HTTPRequest {
        var request = HTTPRequest(url: text)
        request.redirects = 5
        request.timeouts = settings.timeouts
        return request
    }

    // MARK: - Lines

    private func entry(_ line: some Collection<UInt8>, place: String) throws(Fault) -> ObjectEntry {
        let value: JSON
        do throws(JSONSyntaxError) { value = try JSON(parsing: line) } catch {
            throw Fault(.damaged, "\(place): \(error.reason)")
        }
        guard var fields = value.object, let written = value["url"]?.string else {
            throw Fault(.damaged, "\(place): expected an object with a string \"url\"")
        }
        let target = URLReference(CanonicalURL.repair(written)).resolved(against: url)
        guard target.scheme == "http" || target.scheme == "https", let host = target.authority, !host.isEmpty,
            !host.contains("@")
        else {
            throw Fault(.damaged, "\(place): the url is not http(s), or holds a user name")
        }
        let (id, givenKey) = (try text("id", of: value, place), try text("key", of: value, place))
        let key = id ?? givenKey ?? defaultKey(target)
        let sha256 = try text("sha256", of: value, place)?.lowercased()
        if let sha256, sha256.utf8.count != 64 || !sha256.allSatisfy({ $0.isHexDigit }) {
            throw Fault(.damaged, "\(place): sha256 is not 64 hex digits")
        }
        var size: Int64?
        if let given = value["size"], given != .null {
            guard let bytes = given.int, bytes >= 0 else { throw Fault(.damaged, "\(place): size is not a byte count") }
            size = Int64(bytes)
        }
        let etag = try text("etag", of: value, place).map(unquotedTag)
        let lastModified = try text("last_modified", of: value, place)
        for name in ["url", "id", "key", "size", "etag", "sha256", "last_modified"] { fields[name] = nil }
        return ObjectEntry(
            key: key, problem: KeyRules.problem(with: key.utf8), size: size, etag: etag,
            lastModified: lastModified, sha256: sha256, fields: fields, address: Array(target.text.utf8))
    }

    private func text(_ name: String, of value: JSON, _ place: String) throws(Fault) -> String? {
        switch value[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw Fault(.damaged, "\(place): \(name) is not a string")
        }
    }

    /// The path below the index's folder; anything outside keeps its whole path, and its host if that is another one.
    private func defaultKey(_ target: URLReference) -> String {
        let isHere = target.scheme == url.scheme && target.authority == url.authority
        var path = target.path
        if isHere, path.hasPrefix(url.folder) {
            path.removeFirst(url.folder.count)
        } else {
            path = (isHere ? "" : target.authority ?? "") + path
            if path.hasPrefix("/") { path.removeFirst() }
        }
        return KeyRules.text(CanonicalURL.decode(path, plusIsSpace: false) ?? Array(path.utf8))
    }
}
