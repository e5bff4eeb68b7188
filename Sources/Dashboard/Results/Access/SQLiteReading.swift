internal import Durable
internal import Fault
internal import GRDB
internal import GRDBSQLite
internal import Glibc

/// Reads a SQLite file.
final class SQLiteReading: RowReading {
    private let path: String
    private let queue: DatabaseQueue
    private let file: FileIdentity
    private let seconds: Double
    private let interruption: Interruption
    /// The connection, while a job uses it.
    private var database: Database?

    let countOfSchemaTables = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'"
    var isCurrent: Bool { FileIdentity(path) == file }

    /// Opens a file, read-only.
    ///
    /// - Parameter seconds: how long a statement may take.
    init(_ path: String, seconds: Double, _ interruption: Interruption) throws(Fault) {
        guard let file = FileIdentity(path) else {
            throw Fault(.unavailable, "there is no database '\(path)' yet; the first run of 'store' creates it")
        }
        var configuration = Configuration()
        configuration.readonly = true
        // A transaction left open by an interrupted COMMIT ends with the connection, which is then dropped.
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        self.path = path
        self.file = file
        self.seconds = seconds
        self.interruption = interruption
        do {
            // SQLite interprets names that start with a colon or "file:" as something other than a file's name.
            queue = try DatabaseQueue(path: path.hasPrefix("/") ? path : "./" + path, configuration: configuration)
            let asked = Unmanaged.passUnretained(interruption)
            queue.inDatabase { database in
                sqlite3_progress_handler(
                    database.sqliteConnection, 10_000,
                    { context in
                        guard let context else { return 0 }
                        let interruption = Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue()
                        return interruption.isCancelled || interruption.isOverdue ? 1 : 0
                    }, asked.toOpaque())
            }
        } catch {
            throw Self.fault(error, path)
        }
    }

    /// Runs a job with the connection.
    func use<Value>(_ job: () throws(Fault) -> Value) throws(Fault) -> Value {
        let result = queue.inDatabase { database -> Result<Value, Fault> in
            self.database = database
            defer { self.database = nil }
            do throws(Fault) { return .success(try job()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    func forEachRow(
        _ sql: String, _ values: [SQLValue], _ body: ([SQLValue]) throws(Fault) -> Void
    ) throws(Fault) {
        guard let database else { throw Fault(.defect, "a statement outside a job") }
        interruption.setDeadline(seconds: seconds)
        defer { interruption.setDeadline(seconds: nil) }
        do {
            let statement = try database.cachedStatement(sql: sql)
            let rows = try Row.fetchCursor(statement, arguments: StatementArguments(values.map(\.databaseValue)))
            while let row = try rows.next() {
                // The consumer of the rows may take its time; the statement may not.
                interruption.setDeadline(seconds: nil)
                try body(row.databaseValues.map(SQLValue.init))
                interruption.setDeadline(seconds: seconds)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            throw interruption.isCancelled ? Interruption.cancelled : Interruption.overdue(seconds: seconds)
        } catch {
            throw Self.fault(error, path)
        }
    }

    func snapshot<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value {
        try forEachRow("BEGIN DEFERRED", []) { _ in }
        defer { try? forEachRow("COMMIT", []) { _ in } }
        return try body()
    }

    private static func fault(_ error: any Error, _ path: String) -> Fault {
        if let fault = error as? Fault { return fault }
        guard let error = error as? DatabaseError else { return Fault(.defect, "'\(path)': \(error)") }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return Fault(.retryLater, "'\(path)' is locked", cause: error)
        case .SQLITE_NOTADB: return Fault(.damaged, "'\(path)' is not an SQLite database", cause: error)
        case .SQLITE_CORRUPT: return Fault(.damaged, "the database '\(path)' is damaged", cause: error)
        case .SQLITE_ERROR: return Fault(.configuration, "'\(path)' does not fit this build", cause: error)
        default:
            return Fault(
                .unavailable,
                "'\(path)' cannot be read; check the permissions of the file, its -wal and -shm files and its folder",
                cause: error)
        }
    }
}

/// Distinguishes a file from another that replaced it.
private struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64

    /// `nil` if there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .text(let text): text.databaseValue
        case .int(let value): value.databaseValue
        case .double(let value): value.databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .int64(let value): self = .int(Int(value))
        case .double(let value): self = .double(value)
        case .string(let text): self = .text(text)
        case .blob, .null: self = .null
        }
    }
}
