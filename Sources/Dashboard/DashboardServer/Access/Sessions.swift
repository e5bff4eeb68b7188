internal import Digests
internal import Synchronization
internal import Time

/// Browser sessions: a random name in a cookie stands for the token, so that no browser stores the token itself.
///
/// Sessions are kept in memory: a restart ends them, and so does removing the token from its file.
final class Sessions: Sendable {
    /// How long a session lasts, in seconds.
    static let seconds = 12 * 3600

    private struct Session {
        let token: Digest
        let end: Double
    }

    private static let most = 10_000
    private let open = Mutex<[Digest: Session]>([:])

    /// Opens a session for the owner of a token.
    ///
    /// - Returns: the cookie's value; `nil` if too many sessions are open.
    func begin(token: Digest) -> String? {
        let cookie = AccessToken()
        let now = MonotonicClock.now()
        return open.withLock { open in
            if open.count >= Self.most { open = open.filter { $0.value.end > now } }
            guard open.count < Self.most else { return nil }
            open[cookie.digest] = Session(token: token, end: now + Double(Self.seconds))
            return cookie.text
        }
    }

    /// The token that a session was opened with. Looked up by the cookie's digest, whose digits a client cannot choose.
    func token(of cookie: String) -> Digest? {
        open.withLock { open in
            guard let session = open[AccessToken(presented: cookie).digest], session.end > MonotonicClock.now() else {
                return nil
            }
            return session.token
        }
    }

    /// Ends a session.
    func end(_ cookie: String) {
        _ = open.withLock { $0.removeValue(forKey: AccessToken(presented: cookie).digest) }
    }
}
