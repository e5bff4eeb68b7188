package import Fault
internal import JSON
package import PostgresClient

/// Results in PostgreSQL: one transaction removes the old rows and copies the new ones in.
///
/// Connections are made when needed, so that losing one costs a retry and not the run.
package final class PostgresDatabase: ResultDatabase {
    private let address: PostgresAddress
    private let options: PostgresOptions
    private let backoff: Backoff

    package var recordedAddress: String { address.recorded }

    /// Sets the database; connects when there is something to do.
    package init(_ address: PostgresAddress, options: PostgresOptions) {
        self.address = address
        backoff = options.backoff
        self.options = options
    }

    /// Runs `body` with a connection, and again with another one while the server is unavailable.
    ///
    /// Everything done here may be done twice: if a connection is lost during a commit, it is unknown whether it took
    /// effect.
    private func connected<Value>(
        _ body: (PostgresSession) throws(Fault) -> Value
    ) throws(Fault) -> Value {
        var once = options
        once.backoff = .none
        return try backoff.run(checkStop: options.checkStop) { () throws(Fault) -> Value in
            do throws(Fault) {
                return try body(PostgresSession(address, options: once))
            } catch {
                // A standby, a server in recovery, or one that its administrators keep from being written: it may be writable soon.
                guard error.sqlState == "25006" else { throw error }
                if isReadOnlyRole(once) {
                    throw Fault(
                        .denied,
                        "the role of \(recordedAddress) may only read (default_transaction_read_only): use one that may write",
                        cause: error)
                }
                throw Fault(
                    .unavailable, "the database \(recordedAddress) is read-only: a standby, or being maintained",
                    cause: error)
            }
        }
    }

    /// Whether it is the role, and not the server, that keeps sessions from writing: that does not pass.
    private func isReadOnlyRole(_ options: PostgresOptions) -> Bool {
        let query = """
            SELECT count(*) FROM pg_settings WHERE name = 'default_transaction_read_only' AND setting = 'on'
            AND source IN ('user', 'database user', 'client')
            """
        let found = try? PostgresSession(address, options: options).connection.firstRow(query) { $0.int(0) ?? 0 }
        return found.flatMap { $0 } ?? 0 > 0
    }

    // MARK: - Schema

    package func migrate() throws(Fault) {
        try connected { (session) throws(Fault) in
            // jsonb and text must be able to store every item's name.
            guard ["UTF8", "SQL_ASCII"].contains(session.connection.databaseEncoding) else {
                throw Fault(
                    .configuration,
                    "the database \(recordedAddress) keeps text as \(session.connection.databaseEncoding), which cannot store "
                        + "every id: create one with ENCODING 'UTF8' TEMPLATE template0")
            }
            if try SchemaVersion.steps(from: found(session), address: recordedAddress).isEmpty { return }
            try session.connection.transaction { () throws(Fault) in
                try session.connection.execute("SELECT pg_advisory_xact_lock(\(AdvisoryLock.migration))")
                // Another run may have been faster while this one waited.
                let version = try found(session)
                let steps = try SchemaVersion.steps(from: version, address: recordedAddress)
                do throws(Fault) {
                    if version == 0 { try session.connection.execute(Migrations.ledger(.postgres)) }
                    for step in steps {
                        for statement in Migrations.statements(to: step, .postgres) {
                            try session.connection.execute(statement)
                        }
                        try session.connection.execute("INSERT INTO schema_version VALUES (\(step), now())")
                    }
                } catch {
                    throw error.sqlState == "42P07" ? SchemaVersion.foreign(recordedAddress, error) : error
                }
            }
        }
    }

    /// The existing schema; 0 if there is none.
    private func found(_ session: PostgresSession) throws(Fault) -> Int {
        // Queries the catalogue's rows: to_regclass may answer from what the session knew before it waited for a lock.
        let tables = try session.connection.firstRow(
            "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'schema_version' AND pg_table_is_visible(oid)"
        ) { $0.int(0) }
        if tables ?? 0 == 0 { return 0 }
        do throws(Fault) {
            return try session.connection.firstRow("SELECT max(version), count(applied_at) FROM schema_version") {
                $0.int(0) ?? 0
            } ?? 0
        } catch {
            throw error.sqlState == "42703" ? SchemaVersion.foreign(recordedAddress, error) : error
        }
    }

    // MARK: - Receipts

    package func receipts(_ batch: BatchName) throws(Fault) -> [LoadReceipt] {
        try connected { (session) throws(Fault) in
            guard try found(session) > 0 else { return [] }
            return try receipts(batch, session)
        }
    }

    private func receipts(
        _ batch: BatchName, _ session: PostgresSession
    ) throws(Fault) -> [LoadReceipt] {
        // A receipt is valid only while the rows that it promises exist: a table may have been emptied by hand.
        func held(_ table: String) -> String {
            """
            least(r.\(table), \(LoadReceipt.mostCounted)) = (SELECT count(*) FROM (SELECT 1 FROM \(table) t
              WHERE t.pipeline = r.pipeline AND t.batch = r.batch AND t.stage = r.stage AND t.version = r.version
              LIMIT \(LoadReceipt.mostCounted)) AS counted)
            """
        }
        var receipts: [LoadReceipt] = []
        try session.connection.forEachRow(
            """
            SELECT stage, version, digest, predictions, rejections, transaction_id,
              to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            FROM receipts r WHERE pipeline = $1 AND batch = $2
              AND \(held("predictions")) AND \(held("rejections")) ORDER BY stage
            """, [batch.pipeline, batch.batch]
        ) { row in
            guard let stage = row.text(0), let version = row.text(1), let digest = row.text(2),
                let predictions = row.int(3), let rejections = row.int(4), let transaction = row.int(5),
                let loadedAt = row.text(6).flatMap(Timestamp.init)
            else { return }
            receipts.append(
                LoadReceipt(
                    loaded: StageVersion(stage: stage, version: version, digest: digest), predictions: predictions,
                    rejections: rejections, transaction: transaction, loadedAt: loadedAt))
        }
        return receipts
    }

    // MARK: - Loading

    @discardableResult
    package func load(
        _ batch: BatchName, stages: [StageVersion], fill: (any RowSink) throws(Fault) -> Void,
        figures: (StagedCounts) throws(Fault) -> LoadFigures
    ) throws(Fault) -> [LoadReceipt] {
        try connected { (session) throws(Fault) in
            try session.connection.transaction { () throws(Fault) in
                try lock(batch, session)
                let names = stages.map(\.stage)
                try session.remove(batch, stages: names, from: "predictions", "rejections")
                let rows = PostgresRows(batch, session)
                try rows.fill(with: fill)
                try session.write(batch, figures(rows.counts), replacing: names)
                try writeReceipts(batch, stages, rows.counts, session)
                return try receipts(batch, session)
            }
        }
    }

    /// Serialises runs that load the same batch, perhaps from two machines.
    private func lock(_ batch: BatchName, _ session: PostgresSession) throws(Fault) {
        try session.connection.execute(
            "SELECT pg_advisory_xact_lock(\(AdvisoryLock.batches), hashtext($1))", [batch.pipeline + "/" + batch.batch])
    }

    private func writeReceipts(
        _ batch: BatchName, _ stages: [StageVersion], _ counts: StagedCounts, _ session: PostgresSession
    ) throws(Fault) {
        try session.remove(batch, stages: stages.map(\.stage), from: "receipts")
        for loaded in stages {
            try session.connection.execute(
                "INSERT INTO receipts (\(Columns.list(Columns.receipts))) "
                    + "VALUES ($1, $2, $3, $4, $5, $6, $7, txid_current(), now())",
                [
                    batch.pipeline, batch.batch, loaded.stage, loaded.version, loaded.digest,
                    String(counts.predictions[loaded.stage] ?? 0), String(counts.rejections[loaded.stage] ?? 0),
                ])
        }
    }

    // MARK: - Runs

    package func record(_ batch: BatchName, _ figures: LoadFigures, alerts: [AlertRow]) throws(Fault) {
        try connected { (session) throws(Fault) in
            try session.connection.transaction { () throws(Fault) in
                try lock(batch, session)
                try session.write(batch, figures, replacing: [])
                try session.write(batch, alerts)
            }
        }
    }
}

/// The numbers of the advisory locks, which are shared by all programs on a database; ours spell "noct".
private enum AdvisoryLock {
    static let migration = 0x6E6F_6374_0000_0001
    static let batches = 0x6E6F_6374
}
