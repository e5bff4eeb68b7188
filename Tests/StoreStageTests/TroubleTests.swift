import Fault
import Foundation
import GRDB
import JSON
import PostgresClient
import StoreStage
import Synchronization
import TestDatabases
import TestKit
import TestServers
import Testing

/// What goes wrong around a load, and the state of the tables afterwards.
@Suite struct TroubleTests {
    // MARK: - Several at once

    @Test(arguments: Backend.allCases) func `several pipelines store at once`(_ backend: Backend) async throws {
        let test = try TestDatabase(backend)
        _ = try test.migrated()
        try await inParallel(6) { index in
            let batch = BatchName(pipeline: "pipeline-\(index)", batch: "b")
            let database = try test.open()
            for round in 1...5 {
                try database.load(
                    batch, version("v\(round)"), predictions: (0..<50).map { prediction("item-\($0)", "v\(round)") })
            }
        }
        #expect(try test.query("SELECT count(*) FROM predictions WHERE version = 'v5'") == [["300"]])
        #expect(try test.query("SELECT count(*) FROM predictions") == [["300"]])
    }

    @Test(arguments: Backend.allCases) func `two loads of one batch end with one of them`(_ backend: Backend)
        async throws
    {
        let test = try TestDatabase(backend)
        _ = try test.migrated()
        try await inParallel(4) { index in
            let database = try test.open()
            for _ in 0..<5 {
                try database.load(
                    night, version("v\(index)"), predictions: (0..<20).map { prediction("item-\($0)", "v\(index)") },
                    rejections: [rejection("bad", "v\(index)")])
            }
        }
        let left = try test.query("SELECT version, count(*) FROM predictions GROUP BY version")
        #expect(left.count == 1)
        #expect(left[0][1] == "20")
        #expect(try test.query("SELECT version FROM receipts") == [[left[0][0]]])
        #expect(try test.query("SELECT version FROM rejections") == [[left[0][0]]])
    }

    // MARK: - PostgreSQL

    private func postgres(_ url: String, _ change: (inout PostgresOptions) -> Void = { _ in }) throws
        -> PostgresDatabase
    {
        var options = PostgresOptions()
        options.backoff = Backoff(attempts: 3, firstPause: 0.01)
        change(&options)
        return PostgresDatabase(try PostgresAddress(url), options: options)
    }

    @Test(.tags(.server)) func `a server that is read-only is unavailable, and is written when it no longer is`() throws
    {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        try postgres(server.url(name)).migrate()
        let setting = "ALTER DATABASE \(name) SET default_transaction_read_only ="
        try server.psql("\(setting) on", in: "postgres")
        let fault = #expect(throws: Fault.self) {
            try postgres(server.url(name)).load(night, version("v1"), predictions: [prediction("a")])
        }
        #expect(fault?.kind == .unavailable && fault?.message.contains("is read-only") == true)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.7)
            _ = try? server.psql("\(setting) off", in: "postgres")
        }
        let patient = try postgres(server.url(name)) { $0.backoff = Backoff(seconds: 60) }
        try patient.load(night, version("v1"), predictions: [prediction("a")])
        #expect(try server.psql("SELECT count(*) FROM predictions", in: name) == "1")
    }

    @Test func `a disk that is nearly full is refused before SQLite maps anything`() throws {
        let fault = #expect(throws: Fault.self) { try SQLiteRoom.check("data/x.db") { $0 == "data" ? 4096 : nil } }
        #expect(fault?.kind == .disk && fault?.message.contains("4096 bytes are free in 'data'") == true)
        try SQLiteRoom.check("x.db") { $0 == "." ? SQLiteRoom.least : 0 }
        try SQLiteRoom.check("/nowhere/x.db") { _ in nil }
        #expect(try #require(SQLiteRoom.freeBytes("/")) > 0)
    }

    @Test(.tags(.server), arguments: ["while rows are sent", "before the commit"])
    func `a connection that is lost midway is restored`(moment: String) throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        let database = try postgres(server.url(name))
        try database.migrate()
        try database.load(night, version("v1"), predictions: [prediction("old")])
        func cutAll() {
            _ = try? server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'", in: "postgres")
        }
        var fills = 0
        let receipts = try database.load(night, stages: [version("v2")]) { (sink) throws(Fault) in
            fills += 1
            try sink.append(prediction("new", "v2"))
            if fills == 1, moment == "while rows are sent" { cutAll() }
        } figures: { (_) throws(Fault) in
            if fills == 1 {
                #expect((try? server.psql("SELECT item_id FROM predictions", in: name)) == "old")
                cutAll()
            }
            return LoadFigures()
        }
        #expect(fills == 2)
        #expect(receipts.map(\.loaded) == [version("v2")])
        #expect(try server.psql("SELECT item_id, version FROM predictions", in: name) == "new|v2")
    }

    @Test(.tags(.server)) func `a server that stays away is unavailable`() throws {
        let server = try PostgresServer()
        defer { _ = try? server.stop() }
        let name = try server.makeDatabase()
        let database = try postgres(server.url(name))
        try database.migrate()
        try database.load(night, version("v1"), predictions: [prediction("old")])
        let fault = try #require(throws: Fault.self) {
            try database.load(night, stages: [version("v2")]) { (sink) throws(Fault) in
                try sink.append(prediction("new", "v2"))
            } figures: { (_) throws(Fault) in
                _ = try? server.crash()
                return LoadFigures()
            }
        }
        #expect(fault.kind == .unavailable)
        try server.restart()
        #expect(try server.psql("SELECT item_id, version FROM predictions", in: name) == "old|v1")
        #expect(try server.psql("SELECT version FROM receipts", in: name) == "v1")
    }

    @Test(.tags(.server)) func `missing rights are denied`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        try server.psql("CREATE ROLE \(name) LOGIN PASSWORD 'secret-p'", in: "postgres")
        let database = try postgres(server.url(name, role: name, password: "secret-p"))
        #expect(try #require(throws: Fault.self) { try database.migrate() }.kind == .denied)
        try postgres(server.url(name)).migrate()
        try server.psql("GRANT SELECT ON schema_version, receipts, predictions, rejections TO \(name)", in: name)
        try database.migrate()
        let fault = try #require(throws: Fault.self) {
            try database.load(night, version("v1"), predictions: [prediction("a")])
        }
        #expect(fault.kind == .denied)
        #expect(!fault.description.contains("secret-p"))
        #expect(!database.recordedAddress.contains(name + ":"))
        // As in docs/tools/store.md.
        try server.psql(
            """
            GRANT SELECT, INSERT, DELETE ON predictions, rejections, runs, receipts, label_counts, quality_counts TO \(name);
            GRANT SELECT, INSERT, UPDATE ON pipelines TO \(name)
            """, in: name)
        let pipeline = PipelineRow(description: nil, due: nil, timezone: nil, daysBack: nil, stages: [])
        for _ in 1...2 {
            try database.load(night, stages: [version("v1")]) { (sink) throws(Fault) in
                try sink.append(prediction("a"))
            } figures: { (_) throws(Fault) in
                LoadFigures(labels: [LabelCountRow(stage: "infer", version: "v1", label: "three")], pipeline: pipeline)
            }
        }
        #expect(try server.psql("SELECT item_id FROM predictions", in: name) == "a")
    }

    @Test(.tags(.server)) func `a table that stays locked is for later`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        let database = try postgres(server.url(name)) { $0.lockSeconds = 1 }
        try database.migrate()
        let other = try PostgresConnection(try PostgresAddress(server.url(name)))
        try other.runScript("BEGIN; LOCK TABLE predictions")
        let fault = try #require(throws: Fault.self) {
            try database.load(night, version("v1"), predictions: [prediction("a")])
        }
        #expect(fault.kind == .retryLater)
    }

    @Test(.tags(.server)) func `a run that should stop does not wait for a lock`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        let stopped = Mutex(false)
        let database = try postgres(server.url(name)) {
            $0.checkStop = { () throws(Fault) in if stopped.withLock({ $0 }) { throw Fault(.terminated, "stop") } }
        }
        try database.migrate()
        let other = try PostgresConnection(try PostgresAddress(server.url(name)))
        try other.runScript("BEGIN; LOCK TABLE predictions IN SHARE MODE")
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.5)
            stopped.withLock { $0 = true }
        }
        let fault = try #require(throws: Fault.self) { try database.load(night, version("v1")) }
        #expect(fault.kind == .terminated)
    }

    // MARK: - SQLite

    @Test func `a file that stays locked is for later`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["locked.db"]
        try SQLiteDatabase(path: path).migrate()
        let database = try SQLiteDatabase(path: path, busySeconds: 0.3)
        try DatabaseQueue(path: path).inDatabase { other in
            try other.beginTransaction(.immediate)
            let before = ContinuousClock.now
            let fault = try #require(throws: Fault.self) {
                try database.load(night, version("v1"), predictions: [prediction("a")])
            }
            #expect(fault.kind == .retryLater)
            #expect(ContinuousClock.now - before > .milliseconds(250))
            try other.rollback()
        }
        try database.load(night, version("v1"), predictions: [prediction("a")])
        #expect(try database.receipts(night).count == 1)
    }

    @Test func `waiting for a lock ends when the run should stop`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["locked.db"]
        try SQLiteDatabase(path: path).migrate()
        let asked = Mutex(0)
        let database = try SQLiteDatabase(path: path) { () throws(Fault) in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count > 5 { throw Fault(.interrupted, "stop") }
        }
        try DatabaseQueue(path: path).inDatabase { other in
            try other.beginTransaction(.immediate)
            let fault = try #require(throws: Fault.self) { try database.record(night, LoadFigures(), alerts: []) }
            #expect(fault.kind == .interrupted)
            try other.rollback()
        }
    }

    @Test func `readers see the old version until the new one is there`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["read.db"]
        let database = try SQLiteDatabase(path: path)
        try database.migrate()
        try database.load(night, version("v1"), predictions: [prediction("old")])
        let reader = try DatabaseQueue(path: path)
        try database.load(night, stages: [version("v2")]) { (sink) throws(Fault) in
            try sink.append(prediction("new", "v2"))
        } figures: { (_) throws(Fault) in
            #expect((try? reader.read { try String.fetchAll($0, sql: "SELECT item_id FROM predictions") }) == ["old"])
            return LoadFigures()
        }
        #expect(try reader.read { try String.fetchAll($0, sql: "SELECT item_id FROM predictions") } == ["new"])
    }

    @Test func `durability is as promised`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["durable.db"]
        try SQLiteDatabase(path: path).migrate()
        #expect(try DatabaseQueue(path: path).read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func `a file that is not a database is damaged`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("text.db", [UInt8](repeating: 65, count: 4096))
        #expect(try #require(throws: Fault.self) { try SQLiteDatabase(path: path).migrate() }.kind == .damaged)
    }

    @Test(arguments: ["sqlite:", "sqlite::memory:", "sqlite:data/", "mysql://h/secret", "sqlite:a\0b", ""])
    func `addresses that name no database are refused`(url: String) throws {
        let fault = try #require(throws: Fault.self) { _ = try DatabaseAddress.open(url, application: "tests") {} }
        #expect(fault.kind == .configuration)
        #expect(!fault.description.contains("secret"))
    }

    @Test func `a folder is not a database`() throws {
        let scratch = try ScratchFolder()
        #expect(try #require(throws: Fault.self) { _ = try SQLiteDatabase(path: scratch.path) }.kind == .configuration)
    }
}
