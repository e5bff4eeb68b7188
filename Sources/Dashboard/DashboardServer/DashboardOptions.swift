internal import Fault

/// What the server is told.
public struct DashboardOptions: Sendable {
    /// Where results are: `postgresql://…` or `sqlite:PATH`.
    public var database: String
    /// Where to listen.
    public var listen: ListenAddress
    /// Where batches are, for recordings, ledgers and versions; `nil`: they are not shown.
    public var root: String?
    /// The file of tokens; `nil`: nobody is asked for one.
    public var tokens: String?
    /// The file that exports and listening are recorded in.
    public var auditLog: String
    /// The page's files.
    public var page: PageFolders
    /// How browsers reach the server through a proxy.
    public var publicAddress: PublicAddress?
    /// How many requests a client may make in a second; 0: any number.
    public var requestsPerSecond = 200
    /// How many exports run at a time; more are refused.
    public var exports = 8
    /// How many bytes ready answers may take.
    public var cacheBytes = 64 << 20
    /// The program's version, for those who ask.
    public var version: String

    /// Everything that has no default.
    public init(
        database: String, listen: ListenAddress, auditLog: String, page: PageFolders, version: String
    ) {
        self.database = database
        self.listen = listen
        self.auditLog = auditLog
        self.page = page
        self.version = version
    }

    /// Throws 78 if strangers could come in without a token.
    func check() throws(Fault) {
        guard tokens == nil else { return }
        if !listen.isLoopback {
            throw Fault(
                .configuration,
                "'\(listen.host)' can be reached from other machines, so --tokens is needed: make one with 'dashboard token NAME --role viewer'"
            )
        }
        if publicAddress != nil {
            throw Fault(
                .configuration,
                "behind --public-url anybody could come in, so --tokens is needed: make one with 'dashboard token NAME --role viewer'"
            )
        }
    }
}
