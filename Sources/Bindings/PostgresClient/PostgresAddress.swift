internal import CPQ
public import Fault

/// The address of a PostgreSQL database: a `postgresql://` URL, checked by libpq's own parser.
///
/// What the URL leaves out, libpq takes from the usual places: `PGPASSFILE`, `pg_service.conf`, the `PG*` variables.
public struct PostgresAddress: Sendable {
    /// The URL as given. It may contain a password, so it is passed to libpq only.
    let url: String

    /// The URL without user, password and options: the form for logs, errors and manifests.
    public let recorded: String

    /// Whether the URL itself contains a password: fine in an environment variable, never in a file or an argument.
    public let holdsPassword: Bool

    /// The number of hosts listed; libpq tries them in order.
    let hostCount: Int

    /// The URL's own `connect_timeout`, in seconds.
    let connectSeconds: Int?

    /// Whether a text is a PostgreSQL URL.
    public static func isPostgres(_ url: String) -> Bool {
        url.hasPrefix("postgresql://") || url.hasPrefix("postgres://")
    }

    /// Parses a URL. Throws `.configuration` without repeating the URL, which may contain a password.
    public init(_ url: String) throws(Fault) {
        guard Self.isPostgres(url) else {
            throw Fault(
                .configuration, "a PostgreSQL URL starts with postgresql://, as in postgresql://USER@HOST/DATABASE")
        }
        guard !url.utf8.contains(0) else { throw Fault(.configuration, "the PostgreSQL URL contains a NUL byte") }
        let settings = try Self.settings(of: url)
        for port in (settings["port"] ?? "").split(separator: ",") where !(1...65535).contains(Int(port) ?? 0) {
            throw Fault(.configuration, "the PostgreSQL URL names port \(port); a port is a number from 1 to 65535")
        }
        self.url = url
        holdsPassword = settings["password"] != nil || settings["sslpassword"] != nil
        hostCount = 1 + (settings["host"] ?? settings["hostaddr"] ?? "").utf8.count { $0 == UInt8(ascii: ",") }
        connectSeconds = settings["connect_timeout"].flatMap { Int($0) }
        recorded = Self.recorded(settings)
    }

    private static func settings(of url: String) throws(Fault) -> [String: String] {
        var problem: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &problem) else {
            // libpq quotes the part it could not parse, which may be the password: repeat only what precedes it.
            let said = problem.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(problem)
            let safe = said.prefix { $0 != "\"" && $0 != "\n" }
            throw Fault(
                .configuration,
                "the PostgreSQL URL cannot be read (\(safe.trimmed)); it should be postgresql://USER@HOST:PORT/DATABASE"
            )
        }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return settings
    }

    private static func recorded(_ settings: [String: String]) -> String {
        let host = settings["host"] ?? settings["hostaddr"] ?? ""
        let isSocket = host.hasPrefix("/")
        var text = "postgresql://"
        if !isSocket {
            let ports = settings["port"]?.split(separator: ",", omittingEmptySubsequences: false) ?? []
            text += host.split(separator: ",", omittingEmptySubsequences: false).enumerated()
                .map { at, name in
                    let port = ports.count == 1 ? ports[0] : at < ports.count ? ports[at] : ""
                    let bracketed = name.contains(":") ? "[\(name)]" : String(name)
                    return port.isEmpty ? bracketed : "\(bracketed):\(port)"
                }
                .joined(separator: ",")
        }
        text += "/" + percentEncoded(settings["dbname"] ?? "")
        var query: [String] = []
        if isSocket {
            query.append("host=" + percentEncoded(host))
            if let port = settings["port"] { query.append("port=" + percentEncoded(port)) }
        }
        if let service = settings["service"] { query.append("service=" + percentEncoded(service)) }
        return query.isEmpty ? text : text + "?" + query.joined(separator: "&")
    }

    private static func percentEncoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                out += "%" + (hex.utf8.count == 1 ? "0" : "") + hex
            }
        }
        return out
    }
}

extension Substring {
    /// Without the trailing spaces, colons and line ends that libpq leaves around its quotations.
    fileprivate var trimmed: String {
        var rest = self
        while let last = rest.last, last == " " || last == ":" || last == "\n" { rest.removeLast() }
        return String(rest)
    }
}
