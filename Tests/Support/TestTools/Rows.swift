internal import GRDB

/// Reads a SQLite database without our code.
public enum Rows {
    /// The rows of a query, with each value as text and `NULL` for null.
    public static func read(_ path: String, _ query: String) throws -> [[String]] {
        var configuration = Configuration()
        configuration.readonly = true
        let database = try DatabaseQueue(path: path, configuration: configuration)
        return try database.read { database in
            try Row.fetchAll(database, sql: query).map { row in
                row.databaseValues.map { $0.isNull ? "NULL" : text($0) }
            }
        }
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "NULL"
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .blob(let data): "\(data.count) bytes"
        }
    }
}
