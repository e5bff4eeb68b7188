internal import Fault

/// The batches of a query; `nil` members do not narrow it.
public struct BatchRange: Sendable, Hashable {
    /// The pipeline.
    public var pipeline: String?
    /// The first batch, inclusive, compared as bytes.
    public var from: String?
    /// The last batch, inclusive.
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

    /// Whether a batch is in the range.
    func holds(_ batch: BatchID) -> Bool {
        (pipeline ?? batch.pipeline) == batch.pipeline && !(from.map { batch.batch.utf8Precedes($0) } ?? false)
            && !(to.map { $0.utf8Precedes(batch.batch) } ?? false)
    }
}

/// The requested part of a list.
public struct Page: Sendable, Hashable {
    /// The most rows, 1 to 1000.
    public var limit: Int
    /// Where the previous page ended, from its `next`; `nil` for the first one.
    public var cursor: String?

    /// Makes a page: by default the first hundred rows.
    public init(limit: Int = 100, cursor: String? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    /// The limit, checked.
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
    /// Byte order, which is the databases' order.
    func utf8Precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
