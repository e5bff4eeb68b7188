internal import Fault

/// The server's options.
public struct DashboardOptions: Sendable {
    /// Where results are: `postgresql://…` or `sqlite:PATH`.
    public var database: String
    /// Where to listen.
    public var listen: ListenAddress
    /// Where batches are, for recordings, ledgers and versions; `nil` hides them.
    public var root: String?
    /// The file of tokens; `nil` if none are required.
    public var tokens: String?
    /// The file that records exports and listening.
    public var auditLog: String
    /// The page's files.
    public var page: PageFolders
    /// How browsers reach the server through a proxy.
    public var publicAddress: PublicAddress?
    /// How many requests a client may make per second; 0 for no limit.
    public var requestsPerSecond = 200
    /// How many exports run at a time; further ones are refused.
    public var exports = 8
    /// The size limit of cached answers in bytes.
    public var cacheBytes = 64 << 20
    /// The program's version, as reported.
    public var version: String

    /// Sets everything that has no default.
    public init(
        database: String, listen: ListenAddress, auditLog: String, page: PageFolders, version: String
    ) {
        self.database = database
        self.listen = listen
        self.auditLog = auditLog
        self.page = page
        self.version = version
    }

    /// Throws 78 if the server would be reachable from elsewhere without a token.
    func check() throws(Fault) {
        guard tokens == nil else { return }
        if !listen.isLoopback {
            throw Fault(
                .configuration,
                "'\(listen.host)' can be reached from other machines, so --tokens is required; make a token with 'dashboard token NAME --role viewer'"
            )
        }
        if publicAddress != nil {
            throw Fault(
                .configuration,
                "with --public-url the server is open to other machines, so --tokens is required; make a token with 'dashboard token NAME --role viewer'"
            )
        }
    }
}
