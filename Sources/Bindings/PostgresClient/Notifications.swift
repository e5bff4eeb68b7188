internal import CPQ
public import Fault
internal import Glibc

/// A message that a session sent with `NOTIFY`.
public struct PostgresNotification: Sendable, Equatable {
    /// Its channel.
    public let channel: String
    /// Its text.
    public let payload: String
}

extension PostgresConnection {
    /// The notifications on the channels this connection listens to; waits up to `seconds` for the first.
    ///
    /// Calls `options.checkStop` meanwhile. Throws `.unavailable` if the connection is lost: as soon as the system
    /// reports it, or, if the server vanished silently, when the connection's keep-alive notices.
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
