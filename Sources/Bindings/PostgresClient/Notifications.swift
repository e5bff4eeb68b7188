internal import CPQ
public import Fault
internal import Glibc

/// What a session sent with `NOTIFY`.
public struct PostgresNotification: Sendable, Equatable {
    /// The channel that it was sent to.
    public let channel: String
    /// What it says.
    public let payload: String
}

extension PostgresConnection {
    /// What has come in on the channels that this connection listens to; waits for something up to `seconds`.
    ///
    /// `options.checkStop` is asked meanwhile. Throws `.unavailable` when the connection is lost, which is noticed as soon as the
    /// system tells; a server that is gone without a word is noticed by the connection's keep-alive.
    public func notifications(waitingUpTo seconds: Double) throws(Fault) -> [PostgresNotification] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let found = takeNotifications()
            if !found.isEmpty || ContinuousClock.now >= deadline { return found }
            try wait()
        }
    }

    private func takeNotifications() -> [PostgresNotification] {
        var found: [PostgresNotification] = []
        while let notification = PQnotifies(handle) {
            found.append(
                PostgresNotification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return found
    }
}
