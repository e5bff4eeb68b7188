import BatchFormat
import Durable
import Foundation
import JSON
import Synchronization
import TestDatabases
import TestKit
import TestServers
import TestTools

/// A night whose first version is in a PostgreSQL database, and whose second the tool will load through a relay that
/// can cause harm.
final class LoadedNight: Sendable {
    let server: PostgresServer
    let relay: HarmfulRelay
    private let night: TestNight
    private let database: String

    /// What `store` sends after all rows.
    private static let commit = Array("Q".utf8) + [0, 0, 0, 11] + Array("COMMIT\0".utf8)

    /// Loads the first version into a new database, on the tests' common server or on another one.
    init(on other: PostgresServer? = nil) throws {
        server = try other ?? PostgresServer.running()
        night = try Self.twoVersions.get().copy()
        database = try server.makeDatabase()
        relay = try HarmfulRelay(to: server.port)
        let infer = try night.folder("infer")
        try infer.setCurrent(1)
        guard case let done = try store().run(), done.code == 0 else { throw HarnessError("the first load failed") }
        try infer.setCurrent(2)
    }

    deinit { relay.close() }

    private static let twoVersions = Result {
        let night = try TestNight()
        // More than fits one client buffer, so that a load is several sends.
        let filler = String(repeating: "x", count: 500)
        for number in 1...2 {
            let items = (0..<4000).map { item -> Item in
                if item % 100 == 0 { return Item("item-\(item)", rejectedFor: "inference_failed") }
                return Item(
                    "item-\(item)", fields: ["filler": .string(filler)],
                    output: ["model": .string("digits@\(number)"), "label": "three", "score": 0.5])
            }
            try night.seal(
                "infer", number, parts: [Array(items[..<2000]), Array(items[2000...])], salt: "\(number)")
        }
        try AtomicFile.write(
            Array(
                "format = 1\n[fetch]\nsource = \"/nowhere\"\n[infer]\nmodel = \"digits@1\"\n[store]\nretry_for = \"4 s\"\n"
                    .utf8),
            to: night.root + "/pipeline.toml")
        return night
    }

    /// The tool, loading the current version of `infer`.
    func store() -> Program {
        var program = Program(
            [
                Binaries.path("store"), night.pipeline, night.batch, "--root", night.root, "--config",
                night.root + "/pipeline.toml",
            ],
            environment: [
                "HOME": night.root, "PATH": "/usr/bin:/bin",
                "NOCTURNE_DATABASE_URL": "postgresql://nocturne@127.0.0.1:\(relay.port)/\(database)",
            ], folder: night.root)
        program.owner = self
        return program
    }

    /// A moment of a load.
    enum Moment: Sendable, CustomStringConvertible {
        /// When this share of all that is sent has arrived.
        case share(Double)
        /// When the rows have arrived and COMMIT has not.
        case beforeCommit
        /// When COMMIT has arrived, but before its answer.
        case afterCommit

        static let all =
            stride(from: 0, to: 1, by: 1 / Double(Campaign.count(4, whole: 32))).map { share($0) }
            + [.beforeCommit, .afterCommit]

        var description: String {
            switch self {
            case .share(let share): "after \(share) of the bytes"
            case .beforeCommit: "before COMMIT"
            case .afterCommit: "after COMMIT"
            }
        }
    }

    /// Does something, once, at a moment of the next load; `harm` receives how many bytes of the chunk are to arrive.
    func at(_ moment: Moment, _ harm: @escaping @Sendable (_ arriving: Int) -> HarmfulRelay.Fate) throws {
        let bytes = try Self.undisturbed.get().bytes
        let isDone = Flag()
        relay.decide { chunk in
            let isCommit = chunk.bytes.suffix(Self.commit.count).elementsEqual(Self.commit)
            let arriving: Int?
            switch moment {
            case .share(let share):
                let count = Int(Double(bytes) * share) - chunk.offset
                arriving = count < chunk.bytes.count ? max(0, count) : nil
            case .beforeCommit: arriving = isCommit ? 0 : nil
            case .afterCommit: arriving = isCommit ? chunk.bytes.count : nil
            }
            guard let arriving, isDone.raise() else { return .passes }
            return harm(arriving)
        }
    }

    /// Lets everything pass again, and waits until the server has ended what was in progress.
    func heal() throws {
        relay.decide { _ in .passes }
        relay.isPassable = true
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)'"
        while try server.psql(sessions, in: "postgres") != "0" { usleep(20_000) }
    }

    /// The server's processes for sessions in this database.
    func backends() throws -> [pid_t] {
        try server.psql("SELECT pid FROM pg_stat_activity WHERE datname = '\(database)'", in: "postgres")
            .split(separator: "\n").compactMap { pid_t($0) }
    }

    /// Everything in the tables, except times, sizes and what depends on the database's address.
    func content() throws -> [String] {
        let order = "ORDER BY stage, item_id"
        return try [
            "SELECT version, count(*), count(DISTINCT item_id) FROM predictions GROUP BY version",
            "SELECT version, count(*), count(DISTINCT item_id) FROM rejections GROUP BY version",
            "SELECT md5(string_agg(p::text, '' \(order))) FROM predictions p",
            "SELECT md5(string_agg(r::text, '' \(order))) FROM rejections r",
            "SELECT stage, version, items, rejected, status FROM runs ORDER BY stage",
            "SELECT stage, version, predictions, rejections FROM receipts ORDER BY stage",
        ].map { try server.psql($0, in: database) }
    }

    /// An undisturbed load: the content before and after it, and how many bytes it sends.
    static let undisturbed = Result {
        let night = try LoadedNight()
        let before = try night.content()
        night.relay.decide { _ in .passes }
        guard case let done = try night.store().run(), done.code == 0 else { throw HarnessError("a load failed") }
        return (before: before, after: try night.content(), bytes: night.relay.byteCount)
    }

    /// The store's versions on disk, and which of them `current` is.
    func versions() throws -> [String] {
        let folder = try night.folder("store")
        return try folder.versions().map { "v\($0)\(folder.isSealed($0) ? "" : " unsealed")" }
            + ["current: \(folder.current() ?? 0)"]
    }
}

/// Raised once.
private final class Flag: Sendable {
    private let isUp = Mutex(false)

    /// True for the first caller.
    func raise() -> Bool {
        isUp.withLock { isUp in
            defer { isUp = true }
            return !isUp
        }
    }
}
