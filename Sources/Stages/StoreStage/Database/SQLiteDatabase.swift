internal import Durable
package import Fault
internal import GRDB
internal import Synchronization
internal import Time

/// Results in an SQLite file: rows are staged in temporary tables, which block no one, then moved in with one short
/// transaction.
package final class SQLiteDatabase: ResultDatabase {
    private let path: String
    private let queue: DatabaseQueue
    private let checkStop: @Sendable () throws(Fault) -> Void

    package let recordedAddress: String

    /// Opens a file, creating it and its folder if needed.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - busySeconds: how long to wait while another run writes before giving up with `.retryLater`.
    ///   - checkStop: called while waiting; throws if the run should stop.
    package init(
        path: String, busySeconds: Double = 60, checkStop: @escaping @Sendable () throws(Fault) -> Void = {}
    ) throws(Fault) {
        self.path = path
        self.checkStop = checkStop
        recordedAddress = "sqlite:\(path)"
        try Folders.makeAll(Folders.parent(of: path))
        try SQLiteRoom.check(path)
        do {
            // SQLite interprets names that start with a colon or "file:" as something other than a file's name.
            let file = path.hasPrefix("/") ? path : "./" + path
            queue = try DatabaseQueue(path: file, configuration: Self.configuration(busySeconds, checkStop))
            try queue.writeWithoutTransaction { database in
                let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                guard mode == "wal" else {
                    throw Fault(
                        .configuration,
                        "'\(path)' cannot be used with a write-ahead log (its journal mode stays \(mode ?? "unknown")): "
                            + "put it on a local file system")
                }
                // Committed data must survive a power cut.
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
        } catch {
            throw SQLiteFault.of(error, path: path, checkStop)
        }
    }

    private static func configuration(
        _ busySeconds: Double, _ checkStop: @escaping @Sendable () throws(Fault) -> Void
    ) -> Configuration {
        var configuration = Configuration()
        let waitingSince = Mutex(ContinuousClock.now)
        configuration.busyMode = .callback { tries in
            let since = waitingSince.withLock { since in
                if tries == 0 { since = .now }
                return since
            }
            guard ContinuousClock.now - since < .seconds(busySeconds) else { return false }
            do throws(Fault) { try checkStop() } catch { return false }
            MonotonicClock.wait(seconds: Double(min(50, 1 + tries)) / 1000)
            return true
        }
        return configuration
    }

    /// Runs `body` with the database, and turns SQLite's errors into faults.
    private func access<Value>(_ body: (Database) throws -> Value) throws(Fault) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw SQLiteFault.of(error, path: path, checkStop)
        }
    }

    /// Runs `body` in a transaction that takes the writer's lock at once: one that began as a reader could not wait.
    private func transaction<Value>(_ body: (Database) throws -> Value) throws(Fault) -> Value {
        try access { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { throw Fault(.defect, "a transaction of '\(path)' returned no value") }
            return value
        }
    }

    // MARK: - Schema

    package func migrate() throws(Fault) {
        let found = try access { try self.found($0) }
        if try SchemaVersion.steps(from: found, address: recordedAddress).isEmpty { return }
        try transaction { database in
            let version = try self.found(database)
            let steps = try SchemaVersion.steps(from: version, address: self.recordedAddress)
            do {
                if version == 0 { try database.execute(sql: Migrations.ledger(.sqlite)) }
                for step in steps {
                    for statement in Migrations.statements(to: step, .sqlite) { try database.execute(sql: statement) }
                    try database.execute(
                        sql: "INSERT INTO schema_version VALUES (?, \(SQLiteStaging.now))", arguments: [step])
                }
            } catch let error as DatabaseError where error.message?.contains("already exists") == true {
                throw SchemaVersion.foreign(self.recordedAddress, Fault(.configuration, "\(error)"))
            }
        }
    }

    private func found(_ database: Database) throws -> Int {
        // Read from SQLite itself: GRDB's cached schema may be older than another run's migration.
        let columns = try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('schema_version')")
        if columns.isEmpty { return 0 }
        guard columns == ["version", "applied_at"] else {
            throw SchemaVersion.foreign(
                recordedAddress, Fault(.configuration, "schema_version has unexpected columns"))
        }
        return try Int.fetchOne(database, sql: "SELECT max(version) FROM schema_version") ?? 0
    }

    // MARK: - Receipts

    package func receipts(_ batch: BatchName) throws(Fault) -> [LoadReceipt] {
        try access { try self.found($0) == 0 ? [] : self.receipts(batch, $0) }
    }

    private func receipts(_ batch: BatchName, _ database: Database) throws -> [LoadReceipt] {
        // A receipt is valid only while the rows that it promises exist: a table may have been emptied by hand.
        func held(_ table: String) -> String {
            """
            min(r.\(table), \(LoadReceipt.mostCounted)) = (SELECT count(*) FROM (SELECT 1 FROM \(table) t
              WHERE t.pipeline = r.pipeline AND t.batch = r.batch AND t.stage = r.stage AND t.version = r.version
              LIMIT \(LoadReceipt.mostCounted)) AS counted)
            """
        }
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT stage, version, digest, predictions, rejections, transaction_id, loaded_at
                FROM receipts r WHERE pipeline = ? AND batch = ?
                  AND \(held("predictions")) AND \(held("rejections")) ORDER BY stage
                """, arguments: [batch.pipeline, batch.batch])
        return rows.compactMap { row in
            guard let loadedAt = Timestamp(row[6]) else { return nil }
            return LoadReceipt(
                loaded: StageVersion(stage: row[0], version: row[1], digest: row[2]), predictions: row[3],
                rejections: row[4], transaction: row[5], loadedAt: loadedAt)
        }
    }

    // MARK: - Loading

    @discardableResult
    package func load(
        _ batch: BatchName, stages: [StageVersion], fill: (any RowSink) throws(Fault) -> Void,
        figures: (StagedCounts) throws(Fault) -> LoadFigures
    ) throws(Fault) -> [LoadReceipt] {
        let counts = try access { database in
            try SQLiteStaging.open(database)
            let staging = try SQLiteStaging(batch, database)
            // One transaction for all: it only concerns the temporary tables, so it blocks no one.
            try database.inTransaction(.deferred) {
                try fill(staging)
                return .commit
            }
            return staging.counts
        }
        let figures = try figures(counts)
        return try transaction { database in
            try SQLiteStaging.swap(batch, stages: stages.map(\.stage), database)
            try SQLiteStaging.write(batch, figures, replacing: stages.map(\.stage), database)
            try self.writeReceipts(batch, stages, counts, database)
            return try self.receipts(batch, database)
        }
    }

    private func writeReceipts(
        _ batch: BatchName, _ stages: [StageVersion], _ counts: StagedCounts, _ database: Database
    ) throws {
        // SQLite does not number its transactions, so the receipts do.
        let transaction = try Int.fetchOne(database, sql: "SELECT coalesce(max(transaction_id), 0) + 1 FROM receipts")
        for loaded in stages {
            try database.execute(
                sql: "INSERT OR REPLACE INTO receipts (\(Columns.list(Columns.receipts))) "
                    + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, \(SQLiteStaging.now))",
                arguments: [
                    batch.pipeline, batch.batch, loaded.stage, loaded.version, loaded.digest,
                    counts.predictions[loaded.stage] ?? 0, counts.rejections[loaded.stage] ?? 0, transaction,
                ])
        }
    }

    // MARK: - Runs

    package func record(_ batch: BatchName, _ figures: LoadFigures, alerts: [AlertRow]) throws(Fault) {
        try transaction {
            try SQLiteStaging.write(batch, figures, replacing: [], $0)
            try SQLiteStaging.write(batch, alerts, $0)
        }
    }
}
