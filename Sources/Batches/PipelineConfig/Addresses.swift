/// The part of a URL that may be recorded: no user, no password, no secret in the query.
///
/// For URLs from any source (`pipeline.toml`, the environment, an index), as shown in `run.json`, logs and messages.
public enum RecordedAddress {
    private static let secretNames: Set<String> = [
        "access_token", "api_key", "apikey", "auth", "awsaccesskeyid", "credential", "key", "passwd", "password", "pwd",
        "secret", "sig", "signature", "sslpassword", "token", "user", "x-amz-credential", "x-amz-security-token",
        "x-amz-signature",
    ]

    /// The URL without what other users must not see. A text that is not a URL is returned unchanged.
    public static func of(_ address: String) -> String {
        guard let parts = Parts(address) else { return address }
        return parts.joined(authority: parts.host, query: parts.query.filter { !isSecret($0) })
    }

    /// The kind of secret in a URL, in words; `nil` if there is none. A user's name alone is not a secret.
    static func secret(in address: String) -> String? {
        guard let parts = Parts(address) else { return nil }
        if let user = parts.user, user.contains(":") { return "a password" }
        if let item = parts.query.first(where: { isSecret($0) && name(of: $0) != "user" }) {
            return "a secret (\(name(of: item)))"
        }
        return nil
    }

    private static func name(of item: Substring) -> String { item.prefix { $0 != "=" }.lowercased() }

    private static func isSecret(_ item: Substring) -> Bool { secretNames.contains(name(of: item)) }

    /// The pieces of `scheme://user@host/path?query#fragment`.
    private struct Parts {
        let scheme: Substring
        let user: Substring?
        let host: Substring
        let path: Substring
        let query: [Substring]
        let fragment: Substring

        init?(_ address: String) {
            guard let mark = address.firstRange(of: "://") else { return nil }
            scheme = address[..<mark.lowerBound]
            var rest = address[mark.upperBound...]
            let hash = rest.firstIndex(of: "#") ?? rest.endIndex
            fragment = rest[hash...]
            rest = rest[..<hash]
            let question = rest.firstIndex(of: "?") ?? rest.endIndex
            query = rest[question...].dropFirst().split(separator: "&")
            rest = rest[..<question]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            path = rest[slash...]
            let authority = rest[..<slash]
            // The last @: a password may contain one, unescaped.
            if let at = authority.lastIndex(of: "@") {
                user = authority[..<at]
                host = authority[authority.index(after: at)...]
            } else {
                user = nil
                host = authority
            }
        }

        func joined(authority: Substring, query: [Substring]) -> String {
            let question = query.isEmpty ? "" : "?" + query.joined(separator: "&")
            return "\(scheme)://\(authority)\(path)\(question)\(fragment)"
        }
    }
}

extension TextForm {
    /// A URL with one of some schemes. One with a secret in it is refused: secrets never belong in a pipeline.
    private static func address(_ expectation: String, schemes: [String], allowsPath: Bool) -> TextForm {
        TextForm(
            expectation, shown: { $0.contains("@") ? nil : RecordedAddress.of($0) }, recorded: RecordedAddress.of
        ) { text in
            if let secret = RecordedAddress.secret(in: text) {
                return "it contains \(secret), and secrets do not belong in pipeline.toml: \(whereSecretsGo(text))"
            }
            if text.isEmpty { return "" }
            if schemes.contains(where: { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }) {
                return placeholderFault(in: text)
            }
            return allowsPath && !text.contains("://") ? placeholderFault(in: text) : ""
        }
    }

    private static func whereSecretsGo(_ address: String) -> String {
        address.hasPrefix("postgres")
            ? "put it into the file named by PGPASSFILE (~/.pgpass) or into pg_service.conf"
            : "put it into the environment (AWS_*) or ~/.aws/credentials"
    }

    /// `{batch}` is the only placeholder; any other name in braces is a mistake.
    private static func placeholderFault(in text: String) -> String? {
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            let name = rest[rest.index(after: open)...].prefix { $0.isLetter || $0 == "_" }
            let after = rest[name.endIndex...]
            if after.first == "}", name != "batch" {
                return "{\(name)} is unknown; {batch} is the only placeholder"
            }
            rest = after
        }
        return nil
    }

    /// Where recordings come from.
    static let source = address(
        "s3://BUCKET/PREFIX, https://…, http://…, file://… or a path",
        schemes: ["s3://", "https://", "http://", "file://"],
        allowsPath: true)

    /// A web URL.
    static let web = address("https://… or http://…", schemes: ["https://", "http://"], allowsPath: false)

    /// A PostgreSQL database.
    static let postgres = address(
        "postgresql://…", schemes: ["postgresql://", "postgres://"], allowsPath: false)

    /// A database of either kind.
    static let database = address(
        "sqlite:PATH or postgresql://…", schemes: ["sqlite:", "postgresql://", "postgres://"], allowsPath: false)

    /// A path, which may contain `{batch}`.
    static let path = TextForm("a path") { text in
        text.isEmpty ? "" : placeholderFault(in: text)
    }
}
