internal import JSON

/// A row of `predictions` to be sent.
struct FoundPrediction {
    let slice: Slice
    let version: String
    let item: String
    let model: String?
    let modelVersion: String?
    let label: String?
    let score: Double?
    /// JSON objects, as stored in the database.
    let output: String
    let fields: String
    let recordedAt: String?

    static func columns(_ dialect: Dialect) -> String {
        "version, item_id, model, model_version, label, score, output, fields, \(dialect.moment("recorded_at"))"
    }

    init(_ row: [SQLValue], in slice: Slice) {
        self.slice = slice
        version = row[0].text ?? ""
        item = row[1].text ?? ""
        (model, modelVersion, label) = (row[2].text, row[3].text, row[4].text)
        score = row[5].double
        output = row[6].text ?? "{}"
        fields = row[7].text ?? "{}"
        recordedAt = row[8].text
    }

    /// Appends the row as one JSON object.
    func write(to out: inout [UInt8]) {
        func member(_ name: StaticString, _ value: JSON) {
            name.withUTF8Buffer { out += $0 }
            value.write(.compact, to: &out)
        }
        member(#"{"pipeline":"#, .string(slice.pipeline))
        member(#","batch":"#, .string(slice.batch))
        member(#","stage":"#, .string(slice.stage))
        member(#","version":"#, .string(version))
        member(#","item":"#, .string(item))
        member(#","model":"#, JSON(model))
        member(#","model_version":"#, JSON(modelVersion))
        member(#","label":"#, JSON(label))
        member(#","score":"#, JSON(score))
        // Copied, not parsed and rewritten: they are the larger part of a row.
        out += #","output":"#.utf8
        out += output.utf8
        out += #","fields":"#.utf8
        out += fields.utf8
        member(#","recorded_at":"#, JSON(recordedAt))
        out.append(UInt8(ascii: "}"))
    }
}
