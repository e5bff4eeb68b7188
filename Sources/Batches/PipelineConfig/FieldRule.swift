public import JSON
internal import Time

/// What `[clean.fields]` says about one field of an item's metadata.
public struct FieldRule: Sendable {
    /// What a field holds.
    public enum ValueType: String, Sendable, CaseIterable {
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

        var fillExpectation: String {
            switch self {
            case .string: "a string"
            case .number: "a number"
            case .integer: "an integer"
            case .boolean: "true or false"
            case .timestamp: "\"last_modified\" or a moment such as \"2026-11-19T22:04:11Z\""
            }
        }
    }

    /// What a gap is filled with.
    public enum Fill: Sendable, Equatable {
        /// Always the same value, of the field's type.
        case literal(JSON)
        /// The time at which the source last changed the item (`fetch.last_modified` on the ledger).
        case lastModified
    }

    /// The field's name.
    public let name: String
    /// What it holds.
    public let type: ValueType
    /// Whether an item without it is rejected.
    public let isRequired: Bool
    /// What a gap is filled with; `nil` leaves it.
    public let fill: Fill?
    /// The least number.
    public let min: Double?
    /// The greatest number.
    public let max: Double?
    /// A regular expression that the whole text has to match.
    public let pattern: String?
    /// The texts that are allowed; `nil` for any.
    public let values: [String]?

    /// Reads a rule that the schema has accepted.
    init(name: String, accepted rule: JSONObject) {
        guard let type = rule["type"]?.string.flatMap(ValueType.init) else {
            fatalError("clean.fields.\(name).type passed the schema without being a type")
        }
        self.name = name
        self.type = type
        isRequired = rule["required"]?.bool ?? false
        fill = rule["fill"].flatMap { Fill($0, for: type) }
        min = rule["min"]?.double
        max = rule["max"]?.double
        pattern = rule["pattern"]?.string
        values = rule["values"]?.array?.compactMap(\.string)
    }
}

extension FieldRule.Fill {
    /// What a value of the key `fill` means for a type; `nil` if it is not of the type.
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
