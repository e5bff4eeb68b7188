package import Fault
internal import PostgresClient

/// A connection that reads. It belongs to the thread that works with it.
public final class Reader {
    package let dialect: Dialect
    let interruption: Interruption
    private let connection: any RowReading

    init(_ connection: any RowReading, _ dialect: Dialect, _ interruption: Interruption) {
        self.connection = connection
        self.dialect = dialect
        self.interruption = interruption
    }

    /// Whether it still reads what the address names; a SQLite file may have been put in the place of another.
    var isCurrent: Bool { connection.isCurrent }

    /// Runs a statement and hands over its rows.
    package func forEachRow(_ sql: SQL, _ body: ([SQLValue]) throws(Fault) -> Void) throws(Fault) {
        // A statement that is over in no time is never interrupted: many of them, one after the other, end here.
        try interruption.check()
        let values = sql.values
        for value in values {
            // PostgreSQL cannot even be asked for it, and no row holds it.
            guard case .text(let text) = value, text.utf8.contains(0) else { continue }
            throw Fault(.usage, "nothing that holds U+0000 can be asked for")
        }
        try connection.forEachRow(sql.text(dialect), values, body)
    }

    /// The rows of a statement, each made into a value; rows that make none are left out.
    package func rows<Value>(_ sql: SQL, _ body: ([SQLValue]) throws(Fault) -> Value?) throws(Fault) -> [Value] {
        var values: [Value] = []
        try forEachRow(sql) { (row) throws(Fault) in
            if let value = try body(row) { values.append(value) }
        }
        return values
    }

    /// Runs `body` in one transaction: its statements see the same state.
    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value {
        try connection.snapshot(body)
    }

    /// Throws unless the tables are those that this build reads.
    func checkSchema() throws(Fault) {
        let tables: [Int] = try rows(SQL(stringLiteral: connection.countOfSchemaTables)) { $0[0].int }
        guard tables.first ?? 0 > 0 else {
            throw Fault(.unavailable, "the database holds no results yet: 'store' makes the tables when it first runs")
        }
        let version = try rows("SELECT max(version) FROM schema_version") { $0[0].int }.first ?? 0
        if version < ResultsSchema.version {
            throw Fault(
                .configuration,
                "the tables have schema \(version), this build reads schema \(ResultsSchema.version): "
                    + "run 'store' of this release once, which brings them up to date")
        }
        if version > ResultsSchema.version {
            throw Fault(
                .configuration,
                "the tables have schema \(version), this build reads schema \(ResultsSchema.version): "
                    + "install the release of 'dashboard' that belongs to the 'store' that made them")
        }
    }
}

/// The tables that this build reads.
package enum ResultsSchema {
    /// The schema's number, as `store` counts them.
    package static let version = 2
}

/// One of the two kinds of connection.
protocol RowReading: AnyObject {
    var isCurrent: Bool { get }
    /// A statement that counts the tables named `schema_version` in sight.
    var countOfSchemaTables: String { get }
    func forEachRow(
        _ sql: String, _ values: [SQLValue], _ body: ([SQLValue]) throws(Fault) -> Void
    ) throws(Fault)
    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value
}
