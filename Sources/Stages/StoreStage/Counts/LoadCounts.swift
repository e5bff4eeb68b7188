internal import JSON

/// Counts a stage's items while its rows pass through, so that the rows need not be counted later: memory grows with
/// the number of groups, not of items.
final class LoadCounts {
    private let stage: String
    private let version: String
    private var groups: Groups
    private var labels = LabelTally()
    private var quality: [QualityTally]

    /// - Parameters:
    ///   - stage: the stage whose results pass through, and its version.
    ///   - fields: the fields whose values are counted separately.
    ///   - cleaning: the stages that measured the items' audio, with their versions.
    init(stage: String, version: String, by fields: [String], cleaning: [(stage: String, version: String)]) {
        self.stage = stage
        self.version = version
        groups = Groups(by: fields)
        quality = cleaning.map { QualityTally(stage: $0.stage, version: $0.version) }
    }

    /// Starts a line.
    func beginItem() {
        groups.beginItem()
        for index in quality.indices { quality[index].beginItem() }
    }

    /// Reads a member of the line's fields.
    func take(
        field name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) throws(JSONSyntaxError) { try groups.take(name, value) }

    /// Reads a member of the line, if one of the cleaning stages wrote it.
    func take(
        member name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) throws(JSONSyntaxError) {
        for index in quality.indices where name.elementsEqual(quality[index].stage) { try quality[index].take(value) }
    }

    /// Counts the line's item, once it is known to be stored.
    func countItem(_ line: borrowing LedgerLine) {
        labels.count(groups.current, model: line.model, label: line.label, score: line.score)
        for index in quality.indices { quality[index].count(groups.current) }
    }

    var labelRows: [LabelCountRow] { labels.rows(groups, stage: stage, version: version) }
    var qualityRows: [QualityCountRow] { quality.flatMap { $0.rows(groups) } }
    /// The fields that have too many values to count by.
    var givenUp: [String] {
        zip(groups.fields, groups.isGivenUp).filter(\.1).map { String(decoding: $0.0, as: UTF8.self) }
    }
}
