import ArgumentParser
import DashboardServer
import Fault
import PostgresClient
import ToolKit

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the page and the API until it is stopped (the default).")

    @Option(
        help: ArgumentHelp(
            "Where results are: sqlite:PATH or postgresql://USER@HOST/DATABASE. (default: $NOCTURNE_DATABASE_URL)",
            valueName: "url"))
    var database: String?
    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var listen = "127.0.0.1:8080"
    @Option(
        help: ArgumentHelp(
            "Where batches are kept, for recordings, ledgers and versions. Not shown without it.", valueName: "dir"))
    var root: String?
    @Option(
        help: ArgumentHelp(
            "Who may come in: lines NAME ROLE SHA256. Needed where others than this machine can connect.",
            valueName: "file"))
    var tokens: String?
    @Option(
        name: .customLong("audit-log"),
        help: ArgumentHelp("Where exports and listening are recorded.", valueName: "file"))
    var auditLog = "dashboard-audit.jsonl"
    @Option(help: ArgumentHelp("The page's files, instead of those that come with this program.", valueName: "dir"))
    var page: String?
    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp("How browsers reach this server through a proxy: https://HOST.", valueName: "url"))
    var publicURL: String?
    @Option(
        name: .customLong("rate-limit"),
        help: ArgumentHelp("How many requests a client may make in a second; 0 for any number.", valueName: "n"))
    var rateLimit = 200
    @Option(help: ArgumentHelp("How many exports run at a time; more are told to come later.", valueName: "n"))
    var exports = 8
    @Option(
        name: .customLong("cache-mib"),
        help: ArgumentHelp("How much memory answers may take that are kept ready, in MiB.", valueName: "n"))
    var cacheMiB = 64

    func validate() throws {
        guard (0...1_000_000).contains(rateLimit) else { throw ValidationError("--rate-limit is 0 to 1000000") }
        guard (1...64).contains(exports) else { throw ValidationError("--exports is 1 to 64") }
        guard (0...65536).contains(cacheMiB) else { throw ValidationError("--cache-mib is 0 to 65536") }
    }

    func run() throws {
        if let database, PostgresAddress.isPostgres(database), try PostgresAddress(database).holdsPassword {
            throw Fault(
                .usage,
                "the address holds a password, and everybody on this machine sees arguments: put it into the file that PGPASSFILE names, or the whole address into NOCTURNE_DATABASE_URL"
            )
        }
        guard let database = database ?? Environment.value("NOCTURNE_DATABASE_URL") else {
            throw Fault(
                .usage, "which database? Give --database sqlite:PATH, or put its address into NOCTURNE_DATABASE_URL")
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
