import Fault
import Foundation
import JSON
import PostgresClient
import Results
import StoreStage
import TestDatabases
import TestKit
import TestServers
import Testing

/// A query that never ends.
private struct Endless: ResultsQuery {
    func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let sql: SQL =
            reader.dialect == .postgres
            ? "SELECT count(*) FROM generate_series(1, 100000000000)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        _ = try reader.rows(sql) { $0[0].int }
        return []
    }
}

/// A query that tries to write.
private struct Writing: ResultsQuery {
    func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        try reader.forEachRow("DELETE FROM runs") { _ in }
        return []
    }
}

/// How the database is reached, and what happens if it is unavailable.
@Suite struct ResultsAccessTests {
    @Test func `the schema that is read is the one that store makes`() {
        #expect(ResultsSchema.version == Migrations.newest)
    }

    @Test(arguments: ["", "sqlite:", "mysql://x", "sqlite:a\0b", "postgresql://user:secret@[bad"])
    func `an invalid address is refused`(_ url: String) {
        let fault = #expect(throws: Fault.self) { try ResultsDatabase(url) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.description.contains("secret") == false)
    }

    @Test(arguments: Backend.allCases) func `a query that takes too long ends`(_ backend: Backend) async throws {
        let filled = try Filled(backend) { $0.statementSeconds = 0.2 }
        let fault = await filled.fault(Endless())
        #expect(fault?.kind == .retryLater)
        #expect(fault?.message.contains("more than 1 s") == true)
        // The connection is still usable.
        #expect(try await filled.ask(PredictionsQuery.patient())["predictions"] == [])
    }

    @Test(arguments: Backend.allCases) func `a query that nobody waits for ends`(_ backend: Backend) async throws {
        let filled = try Filled(backend) {
            $0.statementSeconds = 600
            $0.connections = 1
        }
        let running = Task { await filled.fault(Endless()) }
        let waiting = Task { await filled.fault(Endless()) }
        try await Task.sleep(for: .milliseconds(100))
        waiting.cancel()
        #expect(await waiting.value?.kind == .terminated)
        running.cancel()
        #expect(await running.value?.kind == .terminated)
        // The only thread is free again.
        #expect(try await filled.ask(PredictionsQuery.patient())["predictions"] == [])
    }

    @Test(arguments: Backend.allCases) func `too many waiting queries are refused`(_ backend: Backend) async throws {
        let filled = try Filled(backend) {
            ($0.connections, $0.waiting, $0.statementSeconds) = (1, 1, 600)
        }
        // One runs, one waits, and the one refused, whichever it is, is refused at once.
        let refused = await withTaskGroup(of: Fault?.self) { group in
            for _ in 0..<3 { group.addTask { await filled.fault(Endless()) } }
            defer { group.cancelAll() }
            return await group.next()
        }
        #expect(refused??.kind == .retryLater)
    }

    @Test(arguments: Backend.allCases) func `the reader writes nothing`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        try filled.record("digits", "2026-11-20", RunRow.goodNight)
        #expect(await filled.fault(Writing()) != nil)
        #expect(try filled.test.query("SELECT count(*) FROM runs") == [["4"]])
    }

    @Test(arguments: Backend.allCases) func `a database without results says so`(_ backend: Backend) async throws {
        let test = try TestDatabase(backend)
        var options = ResultsOptions()
        options.pollSeconds = 0.02
        let results = try ResultsDatabase(test.url, options: options)
        defer { results.close() }
        do throws(Fault) {
            try await results.check()
            Issue.record("there are no tables yet")
        } catch {
            #expect(error.kind == .unavailable)
            #expect(error.message.contains("store"))
        }
        #expect(results.generation == nil)
        var changes = results.changes().makeAsyncIterator()
        guard case .lost? = await changes.next() else {
            Issue.record("a new subscriber learns that the database is away")
            return
        }
        try test.open().migrate()
        #expect(await changes.next() == .back)
        try await results.check()
        #expect(results.generation != nil)
    }

    @Test(arguments: Backend.allCases) func `an older or newer schema is refused`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        for (change, words) in [
            ("DELETE FROM schema_version WHERE version = 2", "run this release's 'store'"),
            ("UPDATE schema_version SET version = 99", "install the release"),
        ] {
            try filled.test.execute(change)
            let results = try ResultsDatabase(filled.test.url)
            defer { results.close() }
            do throws(Fault) {
                try await results.check()
                Issue.record("\(change) goes unnoticed")
            } catch {
                #expect(error.kind == .configuration)
                #expect(error.message.contains(words))
            }
        }
    }

    @Test(arguments: Backend.allCases) func `what store commits is announced`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        var changes = filled.results.changes().makeAsyncIterator()
        // Either it was connected already, or it reports the connection.
        while filled.results.generation == nil { try await Task.sleep(for: .milliseconds(5)) }
        let before = try #require(filled.results.generation)
        for batch in ["2026-11-19", "2026-11-20"] {
            try filled.record("digits", batch, RunRow.goodNight, pipelineRow: usualPipeline)
            var change = await changes.next()
            while change == .back || change?.isLost == true { change = await changes.next() }
            #expect(change == .results(pipeline: "digits", batch: batch))
        }
        #expect(try #require(filled.results.generation) >= before + 2)
        filled.results.close()
        #expect(await changes.next() == nil)
    }

    @Test(.tags(.server)) func `a server that goes away and comes back is noticed`() async throws {
        let server = try PostgresServer()
        defer { try? server.stop() }
        let url = server.url(try server.makeDatabase())
        try DatabaseAddress.open(url, application: "tests") {}.migrate()
        var options = ResultsOptions()
        options.pollSeconds = 0.05
        let results = try ResultsDatabase(url, options: options)
        defer { results.close() }
        _ = try await results.body(of: PredictionsQuery.patient())
        while results.generation == nil { try await Task.sleep(for: .milliseconds(5)) }
        let before = try #require(results.generation)
        var changes = results.changes().makeAsyncIterator()
        try server.crash()
        guard case .lost? = await changes.next() else {
            Issue.record("the loss is reported")
            return
        }
        #expect(results.generation == nil)
        do throws(Fault) {
            _ = try await results.body(of: PredictionsQuery.patient())
            Issue.record("nothing can have answered")
        } catch {
            #expect(error.kind == .unavailable)
        }
        try server.restart()
        #expect(await changes.next() == .back)
        #expect(try #require(results.generation) > before, "what was kept before is not shown again")
        #expect(try JSON(parsing: await results.body(of: PredictionsQuery.patient()))["predictions"] == [])
    }

    @Test func `a replaced file is read again`() async throws {
        let filled = try Filled(.sqlite)
        try filled.load("digits", "2026-11-20", [prediction("old")])
        let other = try TestDatabase(.sqlite)
        try other.migrated().load(
            BatchName(pipeline: "digits", batch: "2026-11-20"), version("v1"), predictions: [prediction("new")],
            runs: [.of("infer")])
        #expect(try await filled.ask(PredictionsQuery.patient())["predictions"]?.array?.first?["item"] == "old")
        var changes = filled.results.changes().makeAsyncIterator()
        let (path, source) = (filled.test.url.dropFirst(7), other.url.dropFirst(7))
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
        try #require(rename(String(source), String(path)) == 0)
        var change = await changes.next()
        while change?.isLost != true { change = await changes.next() }
        while change != .back { change = await changes.next() }
        #expect(try await filled.ask(PredictionsQuery.patient())["predictions"]?.array?.first?["item"] == "new")
    }
}

extension ResultsChange {
    fileprivate var isLost: Bool { if case .lost = self { true } else { false } }
}
