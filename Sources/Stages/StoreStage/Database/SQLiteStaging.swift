internal import Fault
internal import GRDB
internal import JSON

/// The rows of a load on their way into temporary tables, which belong to the connection alone.
final class SQLiteStaging: RowSink {
    private(set) var counts = StagedCounts()
    private let batch: BatchName
    private let prediction: Statement
    private let rejection: Statement

    /// The current time, in ``Timestamp``'s format.
    static let now = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"

    init(_ batch: BatchName, _ database: Database) throws {
        self.batch = batch
        func insert(_ table: String, _ columns: [String]) throws -> Statement {
            let marks = columns.map { _ in "?" }.joined(separator: ", ")
            return try database.makeStatement(
                sql: "INSERT INTO temp.staged_\(table) (\(Columns.list(columns))) VALUES (\(marks))")
        }
        prediction = try insert("predictions", Columns.predictions)
        rejection = try insert("rejections", Columns.rejections)
    }

    /// Creates the temporary tables, or empties those of a failed load.
    static func open(_ database: Database) throws {
        for table in ["predictions", "rejections"] {
            try database.execute(
                sql: """
                    DROP TABLE IF EXISTS temp.staged_\(table);
                    CREATE TEMPORARY TABLE staged_\(table) AS SELECT * FROM main.\(table) LIMIT 0
                    """)
        }
    }

    func append(_ row: PredictionRow) throws(Fault) {
        counts.count(row)
        try run(
            prediction,
            [
                batch.pipeline, batch.batch, row.stage, row.version, row.itemID, row.model, row.modelVersion, row.label,
                row.score, row.output.text, row.fields.text, row.recordedAt?.text,
            ])
    }

    func append(_ row: RejectionRow) throws(Fault) {
        counts.count(row)
        try run(
            rejection,
            [batch.pipeline, batch.batch, row.stage, row.version, row.itemID, row.reason, row.message])
    }

    private func run(_ statement: Statement, _ arguments: StatementArguments) throws(Fault) {
        do {
            try statement.execute(arguments: arguments)
        } catch {
            throw SQLiteFault.of(error, path: "the temporary tables of SQLite") {}
        }
    }

    static func text(_ object: JSONObject) -> String { JSON.object(object).text(.line) }

    /// Removes the rows of a batch's stages from a table.
    static func remove(_ batch: BatchName, stages: [String], from table: String, _ database: Database) throws {
        for stage in stages {
            try database.execute(
                sql: "DELETE FROM main.\(table) WHERE pipeline = ? AND batch = ? AND stage = ?",
                arguments: [batch.pipeline, batch.batch, stage])
        }
    }

    /// Replaces the stages' old rows with the staged ones; call it in a transaction.
    static func swap(_ batch: BatchName, stages: [String], _ database: Database) throws {
        for (table, columns) in [("predictions", Columns.predictions), ("rejections", Columns.rejections)] {
            try remove(batch, stages: stages, from: table, database)
            let list = Columns.list(columns)
            try database.execute(
                sql: """
                    INSERT INTO main.\(table) (\(list)) SELECT \(list) FROM temp.staged_\(table);
                    DELETE FROM temp.staged_\(table)
                    """)
        }
    }
}
