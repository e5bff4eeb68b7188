public import Fault
internal import JSON

/// `/predictions` and its exports: the models' predictions, page by page.
///
/// There is no index for each query: only a batch's rows are ordered, by the items' ids (the primary key), and a batch
/// has counts (`label_counts`). So batches are searched one by one, and those that cannot contain an answer are
/// skipped.
public struct PredictionsQuery: ResultsQuery {
    /// The order of the rows. Rows without a value come last.
    public enum Sort: String, Sendable, CaseIterable {
        /// By batch, and within a batch by item.
        case batch
        /// By the item's id.
        case item
        /// By the model's score.
        case score
        /// By the time of the recording.
        case recordedAt = "recorded_at"
    }

    /// The batches, and the stage.
    public var range: BatchRange
    /// The label; empty for items without one.
    public var label: String?
    /// `digits@3`, or `digits` for all its versions.
    public var model: String?
    /// The lowest score.
    public var minScore: Double?
    /// The highest score.
    public var maxScore: Double?
    /// Fields and their required values, as text; a device is `("device", …)`.
    public var fields: [(name: String, value: String)] = []
    /// A text that the item's id or the output's text must contain, ignoring the case of A to Z.
    public var text: String?
    /// The order of the rows.
    public var sort = Sort.batch
    /// Whether the largest come first.
    public var isDescending = true
    /// The page.
    public var page: Page
    /// How long a search by batch runs before it returns what it has found, so that the user sees something.
    package var patience = Duration.milliseconds(120)

    /// Makes a query: all predictions, newest batch first, unless narrowed.
    public init(_ range: BatchRange = BatchRange(), page: Page = Page()) {
        self.range = range
        self.page = page
    }

    /// `{"predictions": […], "next"}`. A page may have fewer rows than requested, even none, although there is a
    /// `next`: the search then took long, and continues there.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] { try answer(reader).body }

    /// The same; a page that ended early is not repeatable.
    public func answer(_ reader: Reader) throws(Fault) -> ResultsAnswer {
        let found = try PredictionSearch(self, reader).page()
        var out = Array(#"{"predictions":["#.utf8)
        for (position, row) in found.rows.enumerated() {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            row.write(to: &out)
        }
        out += #"],"next":"#.utf8
        JSON(found.next).write(.compact, to: &out)
        out.append(UInt8(ascii: "}"))
        return ResultsAnswer(body: out, isRepeatable: !found.isCutShort)
    }
}

extension JSON {
    /// A text, or null.
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// An integer, or null.
    init(_ value: Int?) { self = value.map { .int(Int64($0)) } ?? .null }
    /// A number, or null.
    init(_ value: Double?) { self = value.map { .double($0) } ?? .null }
}
