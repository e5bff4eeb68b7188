import ArgumentParser
import DashboardServer
import Fault
import PostgresClient
import ToolKit

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the page and the API until stopped (the default).")

    @Option(
        help: ArgumentHelp(
            "Where results are: sqlite:PATH or postgresql://USER@HOST/DATABASE. (default: $NOCTURNE_DATABASE_URL)",
            valueName: "url"))
    var database: String?
    @Option(help: ArgumentHelp("Where to listen; port 0 chooses a free one.", valueName: "host:port"))
    var listen = "127.0.0.1:8080"
    @Option(
        help: ArgumentHelp(
            "Where batches are kept. Without it, recordings, ledgers and versions are not shown.", valueName: "dir"))
    var root: String?
    @Option(
        help: ArgumentHelp(
            "The file of users: lines NAME ROLE SHA256. Required if other machines can connect.",
            valueName: "file"))
    var tokens: String?
    @Option(
        name: .customLong("audit-log"),
        help: ArgumentHelp("The file that records exports and listening.", valueName: "file"))
    var auditLog = "dashboard-audit.jsonl"
    @Option(help: ArgumentHelp("The page's files, instead of those supplied with this program.", valueName: "dir"))
    var page: String?
    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            "The URL by which browsers reach this server through a proxy: https://HOST.", valueName: "url"))
    var publicURL: String?
    @Option(
        name: .customLong("rate-limit"),
        help: ArgumentHelp("How many requests a client may make per second; 0 for no limit.", valueName: "n"))
    var rateLimit = 200
    @Option(help: ArgumentHelp("How many exports run at a time; further ones are refused.", valueName: "n"))
    var exports = 8
    @Option(
        name: .customLong("cache-mib"),
        help: ArgumentHelp("The memory limit of cached answers, in MiB.", valueName: "n"))
    var cacheMiB = 64

    func validate() throws {
        guard (0...1_000_000).contains(rateLimit) else { throw ValidationError("--rate-limit must be 0 to 1000000") }
        guard (1...64).contains(exports) else { throw ValidationError("--exports must be 1 to 64") }
        guard (0...65536).contains(cacheMiB) else { throw ValidationError("--cache-mib must be 0 to 65536") }
    }

    func run() throws {
        if let database, PostgresAddress.isPostgres(database), try PostgresAddress(database).holdsPassword {
            throw Fault(
                .usage,
                "the address contains a password, and arguments are visible to all users of this machine; put the password into the file named by PGPASSFILE, or the address into NOCTURNE_DATABASE_URL"
            )
        }
        guard let database = database ?? Environment.value("NOCTURNE_DATABASE_URL") else {
            throw Fault(
                .usage, "no database given; use --database sqlite:PATH, or put its address into NOCTURNE_DATABASE_URL")
        }
        var options = DashboardOptions(
            database: database, listen: try ListenAddress(listen), auditLog: auditLog,
            page: try page.map { PageFolders(page: $0) } ?? PageFolders(), version: BuildInfo.full)
        options.root = root
        options.tokens = tokens
        options.publicAddress = try publicURL.map { (url) throws(Fault) in try PublicAddress(url) }
        options.requestsPerSecond = rateLimit
        options.exports = exports
        options.cacheBytes = cacheMiB << 20
        try DashboardServer.run(options) { url in ToolMain.print(url) }
    }
}
