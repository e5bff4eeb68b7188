public import Fault

/// `/pipelines`: how each pipeline stands.
public struct PipelinesQuery: ResultsQuery {
    public static let dependsOnTime = true
    /// The moment, in seconds since 1970.
    public var now: Double
    /// Asks how each pipeline stands at a moment.
    public init(now: Double) { self.now = now }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/batches`: batches with the state of every stage, newest first; nights that never began among them.
public struct BatchesQuery: ResultsQuery {
    public static let dependsOnTime = true
    public var range: BatchRange
    public var page: Page
    /// The moment, in seconds since 1970.
    public var now: Double
    public init(_ range: BatchRange = BatchRange(), page: Page = Page(), now: Double) {
        self.range = range
        self.page = page
        self.now = now
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/batches/{pipeline}/{batch}`; throws `.missing` if there is no such batch, and none was due.
public struct BatchQuery: ResultsQuery {
    public static let dependsOnTime = true
    public var pipeline: String
    public var batch: String
    /// The moment, in seconds since 1970.
    public var now: Double
    public init(pipeline: String, batch: String, now: Double) {
        self.pipeline = pipeline
        self.batch = batch
        self.now = now
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/predictions`, and its exports.
public struct PredictionsQuery: ResultsQuery {
    /// What the rows are ordered by.
    public enum Sort: String, Sendable, CaseIterable {
        case batch, item, score
        case recordedAt = "recorded_at"
    }
    public var range: BatchRange
    public var label: String?
    /// `digits@3`, or `digits` for all its versions.
    public var model: String?
    public var minScore: Double?
    public var maxScore: Double?
    /// Fields and the values that they must have, as text; `device` is `("device", …)`.
    public var fields: [(name: String, value: String)] = []
    /// A text that the item's id or the output's text must contain; A to Z and a to z are the same.
    public var text: String?
    public var sort = Sort.batch
    public var isDescending = true
    public var page: Page
    public init(_ range: BatchRange = BatchRange(), page: Page = Page()) {
        self.range = range
        self.page = page
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/labels`: how often each label was heard, batch by batch.
public struct LabelsQuery: ResultsQuery {
    public var range: BatchRange
    /// A field of `store.group_by` by whose values to count apart.
    public var by: String?
    public init(_ range: BatchRange, by: String? = nil) {
        self.range = range
        self.by = by
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/scores`: histograms of the scores, batch by batch.
public struct ScoresQuery: ResultsQuery {
    public var range: BatchRange
    public var label: String?
    public init(_ range: BatchRange, label: String? = nil) {
        self.range = range
        self.label = label
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/rejections`: how many items ended, by stage and reason, batch by batch.
public struct RejectionsQuery: ResultsQuery {
    public var range: BatchRange
    public init(_ range: BatchRange) { self.range = range }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/rejections/items`: the items that ended.
public struct RejectedItemsQuery: ResultsQuery {
    public var range: BatchRange
    public var reason: String?
    public var page: Page
    public init(_ range: BatchRange, reason: String? = nil, page: Page = Page()) {
        self.range = range
        self.reason = reason
        self.page = page
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/quality`: the recordings' own figures, batch by batch.
public struct QualityQuery: ResultsQuery {
    public var range: BatchRange
    /// A field of `store.group_by` by whose values to tell apart.
    public var by: String?
    public init(_ range: BatchRange, by: String? = nil) {
        self.range = range
        self.by = by
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/alerts`, newest first.
public struct AlertsQuery: ResultsQuery {
    public var range: BatchRange
    public var page: Page
    public init(_ range: BatchRange, page: Page = Page()) {
        self.range = range
        self.page = page
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}

/// `/item`: all that is known of one item; throws `.missing` if neither the database nor the disk knows it.
public struct ItemQuery: ResultsQuery {
    public var pipeline: String
    public var batch: String
    public var item: String
    public var stage: String?
    /// Where the batches are, for the item's ledger line; `nil` if the server has no `--root`.
    public var batches: BatchFolders?
    public init(pipeline: String, batch: String, item: String, stage: String? = nil, batches: BatchFolders? = nil) {
        self.pipeline = pipeline
        self.batch = batch
        self.item = item
        self.stage = stage
        self.batches = batches
    }
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { [] }
}
