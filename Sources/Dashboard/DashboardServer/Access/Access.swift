internal import Digests
internal import HTTPTypes

/// Who may come in, and as whom.
struct Access: Sendable {
    /// `nil`: everybody is ``Visitor/local``.
    let tokens: WatchedTokens?
    let sessions = Sessions()
    /// Whether the session's cookie travels over TLS alone.
    let hasSecureCookie: Bool

    static let cookieName = "nocturne_session"

    /// Whom a request's headers speak for; `nil`: nobody that is known.
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
    /// - Returns: the value of `Set-Cookie`; `nil` if the token is unknown or nobody more can log in.
    func logIn(_ presented: String) -> (visitor: Visitor, setCookie: String)? {
        guard let entry = tokens?.current.entry(of: AccessToken(presented: presented)),
            let cookie = sessions.begin(token: entry.digest)
        else { return nil }
        return (entry.visitor, setCookie(cookie, seconds: Sessions.seconds))
    }

    /// Ends the session that a request belongs to.
    ///
    /// - Returns: the value of `Set-Cookie` that makes the browser forget it.
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
