internal import Fault

/// The batches that a query is about; what is `nil` does not narrow them.
public struct BatchRange: Sendable, Hashable {
    /// The pipeline.
    public var pipeline: String?
    /// The first batch, included, compared as bytes.
    public var from: String?
    /// The last batch, included.
    public var to: String?
    /// The stage.
    public var stage: String?

    /// All batches, unless narrowed.
    public init(pipeline: String? = nil, from: String? = nil, to: String? = nil, stage: String? = nil) {
        self.pipeline = pipeline
        self.from = from
        self.to = to
        self.stage = stage
    }

    /// One batch.
    init(_ pipeline: String, _ batch: String) { self.init(pipeline: pipeline, from: batch, to: batch) }

    /// The conditions, for a table with the columns `pipeline`, `batch` and `stage`.
    var conditions: [SQL] {
        var conditions: [SQL] = []
        if let pipeline { conditions.append("pipeline = \(pipeline)") }
        if let from { conditions.append("batch >= \(from)") }
        if let to { conditions.append("batch <= \(to)") }
        if let stage { conditions.append("stage = \(stage)") }
        return conditions
    }

    /// Whether a batch is one of them.
    func holds(_ batch: BatchID) -> Bool {
        (pipeline ?? batch.pipeline) == batch.pipeline && !(from.map { batch.batch.utf8Precedes($0) } ?? false)
            && !(to.map { $0.utf8Precedes(batch.batch) } ?? false)
    }
}

/// Which part of a list is wanted.
public struct Page: Sendable, Hashable {
    /// The most rows, 1 to 1000.
    public var limit: Int
    /// Where the page before ended, as its `next` says; `nil` for the first one.
    public var cursor: String?

    /// The first hundred rows, unless told otherwise.
    public init(limit: Int = 100, cursor: String? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    /// The limit, unless it is none.
    func checkedLimit() throws(Fault) -> Int {
        guard (1...1000).contains(limit) else { throw Fault(.usage, "limit must be from 1 to 1000, not \(limit)") }
        return limit
    }
}

/// A pipeline's batch.
struct BatchID: Hashable, Sendable {
    let pipeline: String
    let batch: String

    /// The newest batch first; pipelines in the order of their names.
    func comesBefore(_ other: BatchID) -> Bool {
        batch == other.batch ? pipeline.utf8Precedes(other.pipeline) : other.batch.utf8Precedes(batch)
    }
}

extension [SQL] {
    /// `WHERE` with all conditions; nothing if there are none.
    var whereClause: SQL { isEmpty ? "" : " WHERE " + SQL.joined(self, by: " AND ") }
}

extension String {
    /// Order of bytes, which is the order of the databases.
    func utf8Precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
