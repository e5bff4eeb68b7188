public import Fault

/// How a connection behaves. The defaults suit a nightly job.
public struct PostgresOptions: Sendable {
    /// The name shown to the server's administrators, unless the URL or `PGAPPNAME` sets another.
    public var applicationName = "nocturne"

    /// Seconds to wait for one host to answer, unless the URL or `PGCONNECT_TIMEOUT` sets another time; also how long
    /// sent bytes may stay unacknowledged before the connection counts as lost.
    public var connectSeconds = 10

    /// Seconds to wait for a lock held by another session before giving up with `.retryLater`.
    public var lockSeconds = 60

    /// How often to try to connect, and with which pauses.
    public var backoff = Backoff()

    /// Called while waiting for the server; throws if the run should stop.
    public var checkStop: @Sendable () throws(Fault) -> Void = {}

    /// The defaults.
    public init() {}
}
