internal import Fault
internal import JSON

/// The types whose values keep their type in JSON; all other values become text.
enum PostgresType {
    case bool, integer, number, json, timestamp, text

    /// Makes the type of an object id in `pg_type`; those of built-in types never change.
    init(oid: UInt32) {
        switch oid {
        case 16: self = .bool
        case 20, 21, 23, 26: self = .integer  // int8, int2, int4, oid
        case 700, 701, 1700: self = .number  // float4, float8, numeric
        case 114, 3802: self = .json  // json, jsonb
        case 1114, 1184: self = .timestamp  // timestamp, timestamptz
        default: self = .text
        }
    }

    /// Converts a value from the text that the server writes with the settings of `PostgresConnection`.
    func value(_ text: String) throws(JSONSyntaxError) -> JSON {
        switch self {
        case .bool: return .bool(text == "t")
        case .integer: return Int64(text).map { .int($0) } ?? .string(text)
        case .number: return Self.number(text)
        case .json: return try JSON(parsing: text)
        case .timestamp: return .string(Self.rfc3339(text))
        case .text: return .string(text)
        }
    }

    /// Whole numbers stay whole, and no digit is lost; what JSON cannot represent (NaN, infinities, numbers beyond a
    /// double) stays text, where a check of the field's type finds it.
    private static func number(_ text: String) -> JSON {
        guard let number = try? JSON(parsing: text), number.double != nil else { return .string(text) }
        return number
    }

    /// `2026-11-19 22:04:11.5+00` becomes `2026-11-19T22:04:11.5Z`. A timestamp without time zone is taken as UTC. What
    /// RFC 3339 cannot represent (`infinity`, years BC or beyond 9999) stays unchanged.
    private static func rfc3339(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let separators = (UInt8(ascii: "-"), UInt8(ascii: " "))
        guard bytes.count >= 19, bytes[4] == separators.0, bytes[10] == separators.1, !text.hasSuffix("BC") else {
            return text
        }
        let time = text.hasSuffix("+00") ? bytes[11..<(bytes.count - 3)] : bytes[11...]
        return String(decoding: bytes[..<10] + [UInt8(ascii: "T")] + time + [UInt8(ascii: "Z")], as: UTF8.self)
    }
}
