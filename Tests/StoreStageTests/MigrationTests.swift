import Fault
import StoreStage
import TestDatabases
import TestKit
import TestServers
import Testing

@Suite struct MigrationTests {
    @Test(arguments: Backend.allCases) func `the tables are made once`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.open()
        #expect(try database.receipts(night).isEmpty)
        try database.migrate()
        try database.load(night, version("v1"), predictions: [prediction("a")])
        try database.migrate()
        try test.open().migrate()
        #expect(
            try test.query("SELECT version FROM schema_version ORDER BY version")
                == (1...Migrations.newest).map { ["\($0)"] })
        #expect(try test.query("SELECT count(*) FROM predictions") == [["1"]])
        for table in [
            "predictions", "rejections", "runs", "alerts", "receipts", "pipelines", "label_counts", "quality_counts",
        ] {
            #expect(try test.query("SELECT count(*) FROM \(table)").count == 1)
        }
    }

    @Test(arguments: Backend.allCases) func `an older schema is brought up to date and filled again`(_ backend: Backend)
        throws
    {
        let test = try TestDatabase(backend)
        try test.migrated().load(night, version("v1"), predictions: [prediction("a")])
        // As left by the first release.
        try test.execute(
            "DROP TABLE pipelines; DROP TABLE label_counts; DROP TABLE quality_counts; "
                + "DELETE FROM schema_version WHERE version = 2")
        let database = try test.open()
        #expect(try database.receipts(night).map(\.loaded) == [version("v1")])
        try database.migrate()
        #expect(try test.query("SELECT count(*) FROM label_counts") == [["0"]])
        #expect(try test.query("SELECT item_id FROM predictions") == [["a"]], "the rows stay until they are replaced")
        #expect(try database.receipts(night).isEmpty, "the next store loads again, and counts")
    }

    @Test(arguments: Backend.allCases) func `a newer schema is refused`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        let moment = backend == .sqlite ? "'2026-11-20T00:00:00Z'" : "now()"
        try test.execute("INSERT INTO schema_version VALUES (99, \(moment))")
        let fault = try #require(throws: Fault.self) { try database.migrate() }
        #expect(fault.kind == .configuration)
        #expect(fault.message.contains("schema 99") && fault.message.contains("schema \(Migrations.newest)"))
    }

    @Test(arguments: Backend.allCases, ["runs (x INTEGER)", "schema_version (installed_rank INTEGER)"])
    func `foreign tables are left alone`(_ backend: Backend, table: String) throws {
        let test = try TestDatabase(backend)
        let database = try test.open()
        try test.execute("CREATE TABLE \(table)")
        let fault = try #require(throws: Fault.self) { try database.migrate() }
        #expect(fault.kind == .configuration)
        #expect(fault.message.contains("belong to another program"))
        let isOurs =
            backend == .sqlite
            ? "SELECT count(*) FROM sqlite_schema WHERE name = 'predictions'"
            : "SELECT count(*) FROM pg_tables WHERE tablename = 'predictions'"
        #expect(try test.query(isOurs) == [["0"]])
    }

    @Test(arguments: Backend.allCases) func `many may migrate at once`(_ backend: Backend) async throws {
        let test = try TestDatabase(backend)
        try await inParallel(6) { _ in _ = try test.migrated() }
        #expect(try test.query("SELECT count(*) FROM schema_version") == [["\(Migrations.newest)"]])
    }

    @Test(.tags(.server)) func `a database that cannot hold every text is refused`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase(options: "ENCODING 'LATIN1' TEMPLATE template0")
        let database = try DatabaseAddress.open(server.url(name), application: "tests") {}
        let fault = try #require(throws: Fault.self) { try database.migrate() }
        #expect(fault.kind == .configuration)
        #expect(fault.message.contains("LATIN1"))
    }
}
