package import Fault
internal import PostgresClient

/// A connection for reading. It belongs to the thread that uses it.
public final class Reader {
    package let dialect: Dialect
    let interruption: Interruption
    private let connection: any RowReading

    init(_ connection: any RowReading, _ dialect: Dialect, _ interruption: Interruption) {
        self.connection = connection
        self.dialect = dialect
        self.interruption = interruption
    }

    /// Whether it still reads what the address names; a SQLite file may have been replaced.
    var isCurrent: Bool { connection.isCurrent }

    /// Runs a statement and passes on its rows.
    package func forEachRow(_ sql: SQL, _ body: ([SQLValue]) throws(Fault) -> Void) throws(Fault) {
        // A very short statement is never interrupted; a long series of them ends here.
        try interruption.check()
        let values = sql.values
        for value in values {
            // PostgreSQL cannot express it, and no row contains it.
            guard case .text(let text) = value, text.utf8.contains(0) else { continue }
            throw Fault(.usage, "a text with U+0000 cannot be searched for")
        }
        try connection.forEachRow(sql.text(dialect), values, body)
    }

    /// The rows of a statement, each converted; rows converted to `nil` are left out.
    package func rows<Value>(_ sql: SQL, _ body: ([SQLValue]) throws(Fault) -> Value?) throws(Fault) -> [Value] {
        var values: [Value] = []
        try forEachRow(sql) { (row) throws(Fault) in
            if let value = try body(row) { values.append(value) }
        }
        return values
    }

    /// Runs `body` in one transaction, so that its statements see the same state.
    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value {
        try connection.snapshot(body)
    }

    /// Throws unless this build can read the tables.
    func checkSchema() throws(Fault) {
        let tables: [Int] = try rows(SQL(stringLiteral: connection.countOfSchemaTables)) { $0[0].int }
        guard tables.first ?? 0 > 0 else {
            throw Fault(.unavailable, "the database has no results yet; the first run of 'store' creates the tables")
        }
        let version = try rows("SELECT max(version) FROM schema_version") { $0[0].int }.first ?? 0
        if version < ResultsSchema.version {
            throw Fault(
                .configuration,
                "the tables have schema \(version), this build reads schema \(ResultsSchema.version): "
                    + "run this release's 'store' once to upgrade them")
        }
        if version > ResultsSchema.version {
            throw Fault(
                .configuration,
                "the tables have schema \(version), this build reads schema \(ResultsSchema.version): "
                    + "install the release of 'dashboard' that matches the 'store' that made them")
        }
    }
}

/// The tables that this build reads.
package enum ResultsSchema {
    /// The schema's number, as counted by `store`.
    package static let version = 2
}

/// One of the two kinds of connection.
protocol RowReading: AnyObject {
    var isCurrent: Bool { get }
    /// A statement that counts the visible tables named `schema_version`.
    var countOfSchemaTables: String { get }
    func forEachRow(
        _ sql: String, _ values: [SQLValue], _ body: ([SQLValue]) throws(Fault) -> Void
    ) throws(Fault)
    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value
}
