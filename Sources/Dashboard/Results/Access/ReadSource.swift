internal import Fault
internal import PostgresClient

/// Where results are read from, and how.
struct ReadSource: Sendable {
    private enum Place {
        case postgres(PostgresAddress)
        case sqlite(path: String)
    }

    private let place: Place
    let options: ResultsOptions

    init(_ url: String, _ options: ResultsOptions) throws(Fault) {
        self.options = options
        let scheme = "sqlite:"
        if PostgresAddress.isPostgres(url) {
            place = .postgres(try PostgresAddress(url))
        } else if url.hasPrefix(scheme), url.utf8.count > scheme.utf8.count, !url.utf8.contains(0) {
            place = .sqlite(path: String(url.dropFirst(scheme.count)))
        } else {
            throw Fault(
                .configuration, "the database's address must be sqlite:PATH or postgresql://USER@HOST/DATABASE")
        }
    }

    var kind: ResultsDatabase.Kind {
        switch place {
        case .postgres: .postgresql
        case .sqlite: .sqlite
        }
    }

    /// The address without user and password.
    var recordedAddress: String {
        switch place {
        case .postgres(let address): address.recorded
        case .sqlite(let path): "sqlite:\(path)"
        }
    }

    /// Connects and runs a job with the connection, which `keep` may retain.
    func open(_ interruption: Interruption) throws(Fault) -> OpenReader {
        let opened: OpenReader
        switch place {
        case .postgres(let address):
            let reading = try PostgresReading(
                address, application: options.applicationName, seconds: options.statementSeconds, interruption)
            opened = OpenReader(Reader(reading, .postgres, interruption), postgres: reading)
        case .sqlite(let path):
            let reading = try SQLiteReading(path, seconds: options.statementSeconds, interruption)
            opened = OpenReader(Reader(reading, .sqlite, interruption), sqlite: reading)
        }
        try opened.use { (reader) throws(Fault) in try reader.checkSchema() }
        return opened
    }
}

/// A reader, with what its kind of connection needs around a job.
final class OpenReader {
    private let reader: Reader
    private let sqlite: SQLiteReading?
    /// The connection, if it is to PostgreSQL.
    let postgres: PostgresReading?

    init(_ reader: Reader, postgres: PostgresReading? = nil, sqlite: SQLiteReading? = nil) {
        self.reader = reader
        self.postgres = postgres
        self.sqlite = sqlite
    }

    var isCurrent: Bool { reader.isCurrent }

    func use<Value>(_ job: (Reader) throws(Fault) -> Value) throws(Fault) -> Value {
        guard let sqlite else { return try job(reader) }
        return try sqlite.use { () throws(Fault) in try job(reader) }
    }
}
