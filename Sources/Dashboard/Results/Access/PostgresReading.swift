internal import Fault
internal import PostgresClient

/// Reads PostgreSQL.
final class PostgresReading: RowReading {
    let connection: PostgresConnection
    private let seconds: Double

    let isCurrent = true
    let countOfSchemaTables =
        "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'schema_version' AND pg_table_is_visible(oid)"

    /// Connects, in a single attempt.
    ///
    /// - Parameter seconds: how long a statement may take.
    init(
        _ address: PostgresAddress, application: String, seconds: Double, _ interruption: Interruption
    ) throws(Fault) {
        var options = PostgresOptions()
        options.applicationName = application
        options.backoff = .none
        options.checkStop = { () throws(Fault) in try interruption.check() }
        self.seconds = seconds
        connection = try PostgresConnection(address, options: options)
        // Compiling a statement takes longer than most of ours. A batch's rows are stored together as they were loaded,
        // so reading them by the key is not the random access that the default page cost assumes, and with which some
        // nights would scan the whole table.
        try connection.runScript(
            """
            SET default_transaction_read_only = on; SET jit = off; SET statement_timeout = \(Int(seconds * 1000));
            SET random_page_cost = 1.1; SET idle_in_transaction_session_timeout = '5min'
            """)
    }

    func forEachRow(
        _ sql: String, _ values: [SQLValue], _ body: ([SQLValue]) throws(Fault) -> Void
    ) throws(Fault) {
        do throws(Fault) {
            try connection.forEachRow(sql, values.map(\.text)) { (row) throws(Fault) in
                try body((0..<row.count).map { row.text($0).map { .text($0) } ?? .null })
            }
        } catch {
            throw error.sqlState == "57014" ? Interruption.overdue(seconds: seconds) : error
        }
    }

    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value {
        try connection.transaction(readOnly: true, body)
    }
}
