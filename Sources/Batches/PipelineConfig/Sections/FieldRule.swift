package import JSON
internal import Time

/// `[clean.fields]`, one field of an item's metadata: `site = { type = "string", required = true }`.
package struct FieldRule: ConfigSection {
    /// The type of a field.
    package enum ValueType: String, ConfigWord {
        /// Text.
        case string
        /// A number, with or without a fraction.
        case number
        /// A whole number.
        case integer
        /// True or false.
        case boolean
        /// A moment, as RFC 3339 text with an offset.
        case timestamp
    }

    /// What fills a gap.
    package enum Fill: Sendable, Equatable {
        /// Always the same value, of the field's type.
        case literal(JSON)
        /// The time at which the source last changed the item (`fetch.last_modified` on the ledger).
        case lastModified
    }

    @Key(
        "type", .word(), required: .string, changesBytes: true, "The field's type; a timestamp is RFC 3339 text")
    package var type: ValueType

    @Key(
        "required", .bool, default: false, changesBytes: true, "An item without the field is rejected (`missing_field`)"
    )
    package var isRequired: Bool

    @Key(
        "fill", .scalar(), changesBytes: true,
        "The value that fills gaps; for a timestamp also `\"last_modified\"`, the object's own")
    private var filling: JSON?

    @Key(
        "min", .number(-.infinity ... .infinity), changesBytes: true, "The least number (`invalid_field` below it)")
    package var min: Double?

    @Key(
        "max", .number(-.infinity ... .infinity), changesBytes: true, "The greatest number (`invalid_field` above it)")
    package var max: Double?

    @Key(
        "pattern", .text(.pattern), changesBytes: true, "A regular expression that a string must match as a whole")
    package var pattern: String?

    @Key("values", .texts(.anyOrEmpty), changesBytes: true, "The allowed strings")
    package var values: [String]?

    package init() {}

    /// What fills a gap; `nil` for nothing.
    package var fill: Fill? { filling.flatMap { Fill($0, for: type) } }

    package var contradiction: Contradiction? {
        if type != .number, type != .integer, let bound = [$min, $max].first(where: { $0.wrappedValue != nil }) {
            return Contradiction(bound, "does not apply to a \(type.rawValue): only numbers have bounds")
        }
        if type != .string {
            let reason = "does not apply to a \(type.rawValue): only strings have one"
            if pattern != nil { return Contradiction($pattern, reason) }
            if values != nil { return Contradiction($values, reason) }
        }
        if let min, let max, min > max { return Contradiction($min, "is more than max: no number could pass") }
        if isRequired, filling != nil {
            return Contradiction($filling, "conflicts with required: a filled field is never missing")
        }
        return filling.flatMap(faultOfFill).map { Contradiction($filling, $0) }
    }

    private func faultOfFill(_ fill: JSON) -> String? {
        guard Fill(fill, for: type) != nil else { return "must be \(type.fillExpectation)" }
        if let number = fill.double {
            if let min, number < min { return "is less than min" }
            if let max, number > max { return "is more than max" }
        }
        if type == .string, let text = fill.string {
            if let values, !values.contains(text) { return "is not one of values" }
            if let pattern, let regex = try? Regex(pattern), (try? regex.wholeMatch(in: text)) == nil {
                return "does not match pattern"
            }
        }
        return nil
    }
}

extension FieldRule.ValueType {
    fileprivate var fillExpectation: String {
        switch self {
        case .string: "a string"
        case .number: "a number"
        case .integer: "an integer"
        case .boolean: "true or false"
        case .timestamp: "\"last_modified\" or a moment such as \"2026-11-19T22:04:11Z\""
        }
    }
}

extension FieldRule.Fill {
    /// The meaning of a value of the key `fill` for a type; `nil` if it does not have the type.
    init?(_ value: JSON, for type: FieldRule.ValueType) {
        switch (type, value) {
        case (.timestamp, .string("last_modified")): self = .lastModified
        case (.timestamp, .string(let text)):
            guard Moment(text) != nil else { return nil }
            self = .literal(value)
        case (.string, .string), (.boolean, .bool), (.integer, .int), (.number, .double): self = .literal(value)
        case (.number, .int(let whole)): self = .literal(.double(Double(whole)))
        default: return nil
        }
    }
}
