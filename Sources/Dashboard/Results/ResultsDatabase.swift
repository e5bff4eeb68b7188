public import Fault
internal import PostgresClient
internal import Synchronization
internal import Workers

/// What `store` wrote, for display: reads PostgreSQL or SQLite, and never writes.
///
/// Its interface is asynchronous; blocking calls run on a bounded number of threads of their own
/// (docs/decisions/dashboard-reads.md). It connects with the first query, so a server starts while the database is
/// away, and continues when it comes back.
public final class ResultsDatabase: Sendable {
    /// The kind of database.
    public enum Kind: String, Sendable {
        /// A PostgreSQL server.
        case postgresql
        /// A SQLite file.
        case sqlite
    }

    /// The kind of database.
    public let kind: Kind
    /// The address for display: no user, no password.
    public let recordedAddress: String

    private let source: ReadSource
    let readers: ReaderPool
    private let exporters: ReaderPool
    private let watch: ChangeWatch

    /// Sets the database. Throws `.configuration` for an invalid address.
    public init(_ url: String, options: ResultsOptions = ResultsOptions()) throws(Fault) {
        source = try ReadSource(url, options)
        (kind, recordedAddress) = (source.kind, source.recordedAddress)
        readers = ReaderPool(source, threads: options.connections, waiting: options.waiting)
        exporters = ReaderPool(source, threads: options.exports, waiting: 0)
        watch = ChangeWatch(source)
    }

    // MARK: - Asking

    /// The answer to a query: a JSON text, ready to be sent.
    ///
    /// Throws `.usage` (an invalid filter or cursor: 400), `.missing` (no such batch or item: 404), `.unavailable` (the
    /// database is away: 503), `.retryLater` (the statement exceeded its time limit, or too many are waiting: 503),
    /// `.configuration` (this build cannot read the tables: 500). A cancelled task ends its statement.
    public func body(of query: some ResultsQuery) async throws(Fault) -> [UInt8] {
        try await answer(to: query).body
    }

    /// The same, and whether it may be cached.
    public func answer(to query: some ResultsQuery) async throws(Fault) -> ResultsAnswer {
        try await readers.run { (reader) throws(Fault) in try query.answer(reader) }
    }

    /// The rows of a query as a file, piece by piece, all from one snapshot. Ends early when the sequence is released.
    /// The first piece throws `.retryLater` if too many exports are running.
    public func export(_ query: PredictionsQuery, as format: ExportFormat) -> ExportedBytes {
        ExportedBytes(query, format, exporters)
    }

    /// Checks that the database answers and has the tables; throws what is wrong.
    public func check() async throws(Fault) {
        try await readers.run { (reader) throws(Fault) in try reader.checkSchema() }
    }

    // MARK: - Changes

    /// Grows with each change that `store` commits; `nil` while changes would go unnoticed, when nothing may be cached.
    ///
    /// An answer may be cached as long as the generation read *before* the query remains the same.
    public var generation: Int? { watch.generation }

    /// The changes from now on. Each caller gets its own stream, which keeps the newest 256 events not yet taken.
    public func changes() -> AsyncStream<ResultsChange> { watch.subscribe() }

    /// Ends the threads and the connections. Waiting queries throw `.unavailable`.
    public func close() {
        watch.close()
        readers.close()
        exporters.close()
    }
}

/// The options of a ``ResultsDatabase``.
public struct ResultsOptions: Sendable {
    /// How many queries run at a time, each with a connection and a thread.
    public var connections = 4
    /// How many queries may wait for a connection before more are refused.
    public var waiting = 512
    /// How many exports run at a time, each with a connection and a thread of its own; more are refused.
    public var exports = 8
    /// How long one statement may take.
    public var statementSeconds = 10.0
    /// How often SQLite's `data_version` is checked, and how often a lost database is tried again.
    public var pollSeconds = 1.0
    /// The name shown to the server's administrators.
    public var applicationName = "nocturne dashboard"

    /// The defaults.
    public init() {}
}

/// A change that a display should know about.
public enum ResultsChange: Sendable, Equatable {
    /// `store` committed something of this batch.
    case results(pipeline: String, batch: String)
    /// The database no longer answers; the reason is in words.
    case lost(String)
    /// It answers again. Anything may have changed meanwhile.
    case back
}

/// A query to the database.
public protocol ResultsQuery: Sendable {
    /// Whether the answer depends on the time of the query, and so must not be cached for more than a few seconds.
    static var dependsOnTime: Bool { get }

    /// Runs the query, on a thread that may block.
    func body(_ reader: Reader) throws(Fault) -> [UInt8]

    /// Runs the query, and says whether the answer may be cached; by default it may.
    func answer(_ reader: Reader) throws(Fault) -> ResultsAnswer
}

/// The result of a query.
public struct ResultsAnswer: Sendable {
    /// A JSON text.
    public let body: [UInt8]
    /// Whether the same query would give this answer again until the database changes. A search that ended early
    /// because of its time limit might find more the next time.
    public let isRepeatable: Bool
}

extension ResultsQuery {
    /// Most answers change only when the database does.
    public static var dependsOnTime: Bool { false }

    /// Most answers are repeatable.
    public func answer(_ reader: Reader) throws(Fault) -> ResultsAnswer {
        ResultsAnswer(body: try body(reader), isRepeatable: true)
    }
}
