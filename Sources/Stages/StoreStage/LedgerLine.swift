internal import JSON

/// The parts of a ledger line needed for a row of `predictions`. Most of the line belongs to earlier stages and is
/// skipped; the model's output and the metadata are passed on as written.
struct LedgerLine {
    private(set) var id = ""
    private(set) var output: JSONText?
    private(set) var fields = Self.noFields
    private(set) var model: String?
    private(set) var label: String?
    private(set) var score: Double?
    private(set) var recordedAt: Timestamp?

    private static let noFields: JSONText = [:]

    /// Parses a line.
    ///
    /// - Parameters:
    ///   - stage: the name of the stage whose output is wanted, in UTF-8.
    ///   - counts: receives what is counted by.
    init(
        _ line: UnsafeBufferPointer<UInt8>, of stage: [UInt8], noting counts: LoadCounts
    ) throws(JSONSyntaxError) {
        var found: String?
        counts.beginItem()
        try JSON.forEachMember(of: line) { (name, value) throws(JSONSyntaxError) in
            if name.elementsEqual(stage) {
                try takeOutput(value)
            } else if name.says("id") {
                found = try JSON(parsing: value).string
            } else if name.says("fields") {
                try takeFields(value, noting: counts)
            } else {
                try counts.take(member: name, value)
            }
        }
        guard let found else { throw JSONSyntaxError(offset: 0, reason: "the line has no \"id\"") }
        id = found
    }

    private mutating func takeOutput(_ value: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) {
        guard value.first == UInt8(ascii: "{") else { return }
        output = JSONText(asWritten: value)
        try JSON.forEachMember(of: value) { (name, value) throws(JSONSyntaxError) in
            if name.says("label") {
                label = try JSON(parsing: value).string
            } else if name.says("score") {
                score = try JSON(parsing: value).double
            } else if name.says("model") {
                model = try JSON(parsing: value).string
            }
        }
    }

    private mutating func takeFields(
        _ value: UnsafeBufferPointer<UInt8>, noting counts: LoadCounts
    ) throws(JSONSyntaxError) {
        guard value.first == UInt8(ascii: "{") else { return }
        fields = JSONText(asWritten: value)
        try JSON.forEachMember(of: value) { (name, value) throws(JSONSyntaxError) in
            if name.says("recorded_at") { recordedAt = try JSON(parsing: value).string.flatMap(Timestamp.init) }
            try counts.take(field: name, value)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of a word.
    func says(_ word: StaticString) -> Bool {
        elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}
