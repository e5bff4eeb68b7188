public import Fault
internal import JSON

/// `/predictions`, and its exports: what models said of items, page by page.
///
/// There is no index for each question: what is kept in order is a batch, by the items' ids (the primary key), and a batch has
/// counts (`label_counts`). So batches are gone through one by one, and those that cannot hold an answer are passed over.
public struct PredictionsQuery: ResultsQuery {
    /// What the rows are ordered by. Rows without a value come last.
    public enum Sort: String, Sendable, CaseIterable {
        /// By batch; in a batch by item.
        case batch
        /// By the item's id.
        case item
        /// By the model's score.
        case score
        /// By when the recording was made.
        case recordedAt = "recorded_at"
    }

    /// The batches, and the stage.
    public var range: BatchRange
    /// The label; empty for items that were given none.
    public var label: String?
    /// `digits@3`, or `digits` for all its versions.
    public var model: String?
    /// The least score.
    public var minScore: Double?
    /// The largest score.
    public var maxScore: Double?
    /// Fields and the values that they must have, as text; a device is `("device", …)`.
    public var fields: [(name: String, value: String)] = []
    /// A text that the item's id or the output's text must contain; A to Z and a to z are the same.
    public var text: String?
    /// What the rows are ordered by.
    public var sort = Sort.batch
    /// Whether the largest come first.
    public var isDescending = true
    /// The page.
    public var page: Page
    /// A search by batch that has found too little ends here, so that whoever waits sees something.
    package var patience = Duration.milliseconds(120)

    /// All predictions, newest batch first, unless narrowed.
    public init(_ range: BatchRange = BatchRange(), page: Page = Page()) {
        self.range = range
        self.page = page
    }

    /// `{"predictions": […], "next"}`. A page may hold fewer rows than asked for, even none, though `next` is there: then
    /// the search took long, and goes on from there.
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
