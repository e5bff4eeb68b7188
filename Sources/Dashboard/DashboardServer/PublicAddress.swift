public import Fault

/// The URL of the dashboard behind a proxy: `https://dashboard.example.org`.
public struct PublicAddress: Sendable {
    /// Whether the proxy uses TLS.
    public let isSecure: Bool
    /// The host, with its port if given, as in the `Host` header.
    public let host: String

    /// Parses `https://HOST[:PORT]` or `http://HOST[:PORT]` (78 for anything else, or if there is a path).
    public init(_ text: String) throws(Fault) {
        var host = Substring(text)
        isSecure = host.hasPrefix("https://")
        guard isSecure || host.hasPrefix("http://") else { throw Self.refusal(text) }
        host = host.dropFirst(isSecure ? 8 : 7)
        if host.hasSuffix("/") { host = host.dropLast() }
        guard !host.isEmpty, !host.utf8.contains(where: { "/?#@ \t".utf8.contains($0) }) else {
            throw Self.refusal(text)
        }
        self.host = host.lowercased()
    }

    private static func refusal(_ text: String) -> Fault {
        Fault(
            .configuration,
            "'\(text)' is not a public address: give https://HOST, such as https://dashboard.example.org, without a path"
        )
    }
}
