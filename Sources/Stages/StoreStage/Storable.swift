internal import JSON

/// What every database can store exactly. SQLite could store more, but a pipeline that moves from one to the other must
/// give the same rows.
enum Storable {
    /// The longest id, in bytes: PostgreSQL cannot index much longer keys.
    static let longestID = 2048

    /// Why a row cannot be stored unchanged; `nil` if it can.
    static func problem(of row: PredictionRow) -> String? {
        if row.itemID.utf8.count > longestID {
            return "its id has \(row.itemID.utf8.count) bytes, more than \(longestID)"
        }
        if holdsNUL(row.itemID) { return "its id holds U+0000, which PostgreSQL cannot store" }
        if let place = placeOfNUL(in: row.output) {
            return "\(row.stage)\(place) holds U+0000, which PostgreSQL cannot store"
        }
        if let place = placeOfNUL(in: row.fields) {
            return "fields\(place) holds U+0000, which PostgreSQL cannot store"
        }
        return nil
    }

    /// A text for people, with U+0000 written out.
    static func visible(_ text: String) -> String {
        guard holdsNUL(text) else { return text }
        return String(decoding: text.utf8.flatMap { $0 == 0 ? Array("\\u0000".utf8) : [$0] }, as: UTF8.self)
    }

    private static func holdsNUL(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { $0.contains(0) }
    }

    private static func placeOfNUL(in text: JSONText) -> String? {
        // In JSON only an escape can represent it, and few texts contain one.
        guard text.hasEscapes, let value = try? JSON(parsing: text.bytes) else { return nil }
        return placeOfNUL(in: value)
    }

    /// The path of a NUL in a value, such as `.notes[2]`; `nil` if there is none.
    private static func placeOfNUL(in value: JSON) -> String? {
        switch value {
        case .string(let text): return holdsNUL(text) ? "" : nil
        case .array(let values):
            for (index, element) in values.enumerated() {
                if let inside = placeOfNUL(in: element) { return "[\(index)]" + inside }
            }
            return nil
        case .object(let object):
            for (name, element) in object.members {
                if holdsNUL(name) { return ".\(visible(name))" }
                if let inside = placeOfNUL(in: element) { return ".\(name)" + inside }
            }
            return nil
        default: return nil
        }
    }
}
