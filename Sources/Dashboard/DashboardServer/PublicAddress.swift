public import Fault

/// The address by which browsers reach the dashboard where a proxy stands in front of it: `https://dashboard.example.org`.
public struct PublicAddress: Sendable {
    /// Whether the proxy speaks TLS.
    public let isSecure: Bool
    /// The host, with its port where one is written, as it comes in the `Host` header.
    public let host: String

    /// Reads `https://HOST[:PORT]` or `http://HOST[:PORT]` (78 if it is neither, or has a path).
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
            "'\(text)' is no public address: give https://HOST, such as https://dashboard.example.org, without a path")
    }
}
