/// The batches that a query is about; what is `nil` does not narrow them.
public struct BatchRange: Sendable, Hashable {
    /// The pipeline.
    public var pipeline: String?
    /// The first and the last batch, both included, compared as bytes.
    public var from: String?
    /// The last batch.
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
}
