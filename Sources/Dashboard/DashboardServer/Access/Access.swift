internal import Digests
internal import HTTPTypes

/// Who may use the server, and in which role.
struct Access: Sendable {
    /// `nil`: all users are ``Visitor/local``.
    let tokens: WatchedTokens?
    let sessions = Sessions()
    /// Whether the session cookie is sent over TLS only.
    let hasSecureCookie: Bool

    static let cookieName = "nocturne_session"

    /// The user identified by a request's headers; `nil` if unknown.
    func visitor(_ headers: HTTPFields) -> Visitor? {
        guard let tokens else { return .local }
        if let authorization = headers[.authorization] {
            guard authorization.count > 7, authorization.prefix(7).lowercased() == "bearer " else { return nil }
            return tokens.current.entry(of: AccessToken(presented: String(authorization.dropFirst(7))))?.visitor
        }
        guard let cookie = Self.cookie(headers), let digest = sessions.token(of: cookie) else { return nil }
        return tokens.current.entries.first { $0.digest == digest }?.visitor
    }

    /// Opens a session for a token.
    ///
    /// - Returns: the value of `Set-Cookie`; `nil` if the token is unknown or there are too many sessions.
    func logIn(_ presented: String) -> (visitor: Visitor, setCookie: String)? {
        guard let entry = tokens?.current.entry(of: AccessToken(presented: presented)),
            let cookie = sessions.begin(token: entry.digest)
        else { return nil }
        return (entry.visitor, setCookie(cookie, seconds: Sessions.seconds))
    }

    /// Ends the session of a request.
    ///
    /// - Returns: the value of `Set-Cookie` that makes the browser delete it.
    func logOut(_ headers: HTTPFields) -> String {
        if let cookie = Self.cookie(headers) { sessions.end(cookie) }
        return setCookie("", seconds: 0)
    }

    private func setCookie(_ value: String, seconds: Int) -> String {
        "\(Self.cookieName)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
            + (hasSecureCookie ? "; Secure" : "")
    }

    private static func cookie(_ headers: HTTPFields) -> String? {
        for line in headers[values: .cookie] {
            for pair in line.split(separator: ";") {
                let text = pair.drop { $0 == " " }
                if text.hasPrefix("\(cookieName)=") { return String(text.dropFirst(cookieName.count + 1)) }
            }
        }
        return nil
    }
}
