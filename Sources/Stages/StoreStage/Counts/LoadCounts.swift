internal import JSON

/// What is counted of a stage's items while its rows pass, once, so that nobody needs to count the rows later: memory
/// follows the number of groups, not of items.
final class LoadCounts {
    private let stage: String
    private let version: String
    private var groups: Groups
    private var labels = LabelTally()
    private var quality: [QualityTally]

    /// - Parameters:
    ///   - stage: The stage whose results pass, and its version.
    ///   - fields: The fields by whose values to count apart.
    ///   - cleaning: The stages that measured the items' sound, with their versions.
    init(stage: String, version: String, by fields: [String], cleaning: [(stage: String, version: String)]) {
        self.stage = stage
        self.version = version
        groups = Groups(by: fields)
        quality = cleaning.map { QualityTally(stage: $0.stage, version: $0.version) }
    }

    /// Begins a line.
    func beginItem() {
        groups.beginItem()
        for index in quality.indices { quality[index].beginItem() }
    }

    /// Takes a member of the line's fields.
    func take(
        field name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) throws(JSONSyntaxError) { try groups.take(name, value) }

    /// Takes a member of the line, if it is what one of the cleaning stages wrote.
    func take(
        member name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) throws(JSONSyntaxError) {
        for index in quality.indices where name.elementsEqual(quality[index].stage) { try quality[index].take(value) }
    }

    /// Counts the item of the line, once it is known to be stored.
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
