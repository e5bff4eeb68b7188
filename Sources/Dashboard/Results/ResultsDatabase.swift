public import Fault
internal import PostgresClient
internal import Synchronization
internal import Workers

/// What `store` wrote, for those who show it: reads PostgreSQL or SQLite, and never writes.
///
/// Its surface is asynchronous; the calls that block run on a bounded number of threads of their own
/// (docs/decisions/dashboard-reads.md). Nothing is connected before something is asked, so a server starts while the
/// database is away, and goes on when it comes back.
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
    /// The address as it may be shown: no user, no password.
    public let recordedAddress: String

    private let source: ReadSource
    let readers: ReaderPool
    private let exporters: ReaderPool
    private let watch: ChangeWatch

    /// Names a database. Throws `.configuration` for an address that is none.
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
    /// Throws `.usage` (a filter or cursor that makes no sense: 400), `.missing` (no such batch or item: 404),
    /// `.unavailable` (the database is away: 503), `.retryLater` (the statement took longer than it may, or too many wait:
    /// 503), `.configuration` (the tables are not those that this build reads: 500). A cancelled task ends its statement.
    public func body(of query: some ResultsQuery) async throws(Fault) -> [UInt8] {
        try await answer(to: query).body
    }

    /// The same, and whether it may be kept.
    public func answer(to query: some ResultsQuery) async throws(Fault) -> ResultsAnswer {
        try await readers.run { (reader) throws(Fault) in try query.answer(reader) }
    }

    /// The rows of a query as a file, piece by piece, all from one snapshot. Ends early when the sequence is let go of. Its first
    /// piece throws `.retryLater` if as many exports as may be are under way.
    public func export(_ query: PredictionsQuery, as format: ExportFormat) -> ExportedBytes {
        ExportedBytes(query, format, exporters)
    }

    /// Looks whether the database answers and has the tables: throws what is wrong.
    public func check() async throws(Fault) {
        try await readers.run { (reader) throws(Fault) in try reader.checkSchema() }
    }

    // MARK: - Changes

    /// Grows with each change that `store` commits; `nil` while changes would go unnoticed, when nothing may be kept.
    ///
    /// An answer may be kept for as long as the generation read *before* it was asked for stays.
    public var generation: Int? { watch.generation }

    /// What happens from now on. Each caller has a stream of its own, which holds the newest 256 events that were not taken.
    public func changes() -> AsyncStream<ResultsChange> { watch.subscribe() }

    /// Ends the threads and the connections. Queries that still wait throw `.unavailable`.
    public func close() {
        watch.close()
        readers.close()
        exporters.close()
    }
}

/// How a ``ResultsDatabase`` behaves.
public struct ResultsOptions: Sendable {
    /// How many queries are answered at a time: each has a connection and a thread.
    public var connections = 4
    /// How many queries may wait for a connection before more are refused.
    public var waiting = 512
    /// How many exports run at a time, each with a connection and a thread of its own; more are refused.
    public var exports = 8
    /// How long one statement may take.
    public var statementSeconds = 10.0
    /// How often SQLite's `data_version` is looked at, and how often a lost database is tried again.
    public var pollSeconds = 1.0
    /// The name that the server's administrators see.
    public var applicationName = "nocturne dashboard"

    /// The defaults.
    public init() {}
}

/// Something that those who show results should know.
public enum ResultsChange: Sendable, Equatable {
    /// `store` committed something of this batch.
    case results(pipeline: String, batch: String)
    /// The database no longer answers; the reason is for a person.
    case lost(String)
    /// It answers again. Anything may have changed meanwhile.
    case back
}

/// A question to the database.
public protocol ResultsQuery: Sendable {
    /// Whether the answer depends on the moment at which it is asked, and so must not be kept for more than some seconds.
    static var dependsOnTime: Bool { get }

    /// Asks, on a thread that may block.
    func body(_ reader: Reader) throws(Fault) -> [UInt8]

    /// Asks, and says whether the answer may be kept; it may, unless the query says otherwise.
    func answer(_ reader: Reader) throws(Fault) -> ResultsAnswer
}

/// What comes of a query.
public struct ResultsAnswer: Sendable {
    /// A JSON text.
    public let body: [UInt8]
    /// Whether the same question would have this answer again, until the database changes. A search that ended early for want of
    /// time might find more the next time.
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
