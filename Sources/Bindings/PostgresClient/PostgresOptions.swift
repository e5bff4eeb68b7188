public import Fault

/// How a connection behaves. The defaults suit a nightly job.
public struct PostgresOptions: Sendable {
    /// The name that the server's administrators see, unless the URL or `PGAPPNAME` says otherwise.
    public var applicationName = "nocturne"

    /// Seconds to wait for one host to answer, unless the URL or `PGCONNECT_TIMEOUT` says otherwise; also how long sent
    /// bytes may stay unacknowledged before the connection counts as lost.
    public var connectSeconds = 10

    /// Seconds to wait for a lock that another session holds, before giving up with `.retryLater`.
    public var lockSeconds = 60

    /// How often, and how patiently, to try to connect.
    public var backoff = Backoff()

    /// Asked while waiting for the server; throws when the run should stop.
    public var checkStop: @Sendable () throws(Fault) -> Void = {}

    /// The defaults.
    public init() {}
}
