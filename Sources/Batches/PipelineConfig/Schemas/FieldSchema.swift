import JSON
import TOMLText

extension SectionSchema {
    /// `[clean.fields]`, one field: `site = { type = "string", required = true }`.
    static let field = SectionSchema([
        KeySchema(
            "type", .oneOf(FieldRule.ValueType.allCases.map(\.rawValue)), required: true, bearing: true,
            "What the field holds; a timestamp is RFC 3339 text"),
        KeySchema(
            "required", .bool, default: false, bearing: true, "An item without the field is rejected (`missing_field`)"),
        KeySchema(
            "fill", .scalar, bearing: true,
            "What a gap is filled with; for a timestamp also `\"last_modified\"`, the object's own"),
        KeySchema(
            "min", .number(-.infinity ... .infinity), bearing: true, "The least number (`invalid_field` below it)"),
        KeySchema(
            "max", .number(-.infinity ... .infinity), bearing: true, "The greatest number (`invalid_field` above it)"),
        KeySchema(
            "pattern", .text(.pattern), bearing: true, "A regular expression that a string has to match as a whole"),
        KeySchema("values", .texts(.anyOrEmpty), bearing: true, "The strings that are allowed"),
    ]) { values in
        guard let type = values["type"]?.string.flatMap(FieldRule.ValueType.init) else { return nil }
        let bounds = ["min", "max"].first { values[$0] != nil }
        if let bounds, type != .number, type != .integer {
            return Contradiction(key: bounds, message: "means nothing for a \(type.rawValue): only numbers have bounds")
        }
        if let rule = ["pattern", "values"].first(where: { values[$0] != nil }), type != .string {
            return Contradiction(key: rule, message: "means nothing for a \(type.rawValue): only strings have one")
        }
        if let least = values["min"]?.double, let greatest = values["max"]?.double, least > greatest {
            return Contradiction(key: "min", message: "is more than max: no number could pass")
        }
        if values["required"] == .bool(true), values["fill"] != nil {
            return Contradiction(key: "fill", message: "cannot stand beside required: a filled field is never missing")
        }
        guard let fill = values["fill"] else { return nil }
        return faultOfFill(fill, type, values).map { Contradiction(key: "fill", message: $0) }
    }

    private static func faultOfFill(_ fill: JSON, _ type: FieldRule.ValueType, _ values: JSONObject) -> String? {
        guard FieldRule.Fill(fill, for: type) != nil else { return "must be \(type.fillExpectation)" }
        if let number = fill.double {
            if let least = values["min"]?.double, number < least { return "is less than min" }
            if let greatest = values["max"]?.double, number > greatest { return "is more than max" }
        }
        if type == .string, let text = fill.string {
            if let allowed = values["values"]?.array, !allowed.contains(.string(text)) { return "is none of values" }
            if let pattern = values["pattern"]?.string, let regex = try? Regex(pattern),
                (try? regex.wholeMatch(in: text)) == nil
            {
                return "does not match pattern"
            }
        }
        return nil
    }
}
