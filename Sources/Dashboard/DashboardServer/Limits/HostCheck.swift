internal import HTTPTypes
internal import Hummingbird

/// Which `Host` a request may name.
///
/// On loopback no token is required, so a foreign page must not reach the server through its own name that points at
/// 127.0.0.1 (DNS rebinding).
struct HostCheck: Sendable {
    /// `nil` for any, if tokens protect the server.
    private let allowed: Set<String>?

    init(listen: ListenAddress, publicAddress: PublicAddress?) {
        guard listen.isLoopback else {
            allowed = nil
            return
        }
        let bracketed = listen.host.contains(":") ? "[\(listen.host)]" : listen.host
        allowed = Set(
            ["localhost", "127.0.0.1", "[::1]", bracketed] + (publicAddress.map { [Self.name($0.host)] } ?? []))
    }

    /// Throws 421 for a foreign host.
    func check(_ authority: String?) throws(HTTPProblem) {
        guard let allowed else { return }
        guard let authority, allowed.contains(Self.name(authority.lowercased())) else {
            throw HTTPProblem(.misdirectedRequest, "this server does not answer for that host; see --public-url")
        }
    }

    /// The host without its port.
    private static func name(_ authority: String) -> String {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")),
            authority.utf8[authority.utf8.index(after: colon)...].allSatisfy(\.isASCIIDigit)
        else { return authority }
        return String(authority[..<colon])
    }
}
