public import Fault
internal import Glibc

/// Where the server listens: `HOST:PORT`, with IPv6 addresses in brackets.
public struct ListenAddress: Sendable {
    /// The address or name, without brackets.
    public let host: String
    /// The port; 0 lets the system choose a free one.
    public let port: Int

    /// Parses `127.0.0.1:8080`, `[::1]:8080` or `NAME:PORT` (64 for anything else).
    public init(_ text: String) throws(Fault) {
        let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
        var host = colon.map { text[..<$0] } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            host = ""
        }
        guard let colon, let port = UInt16(text[text.utf8.index(after: colon)...]), !host.isEmpty else {
            throw Fault(
                .usage, "'\(text)' is not an address to listen on: give HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"
            )
        }
        self.host = String(host)
        self.port = Int(port)
    }

    /// Whether only programs on this machine can connect. `localhost` is the only name known to mean that.
    public var isLoopback: Bool { host == "localhost" || Self.isLoopback(host) }

    /// Whether an address is a loopback address of this machine.
    static func isLoopback(_ address: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, address, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        guard inet_pton(AF_INET6, address, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }

    /// The page's URL with the actual port.
    func url(port: Int) -> String { host.contains(":") ? "http://[\(host)]:\(port)/" : "http://\(host):\(port)/" }
}
