internal import JSON

/// A query parameter and its allowed values, both for checking requests and for the API's description.
struct Parameter: Sendable {
    /// The form of a value.
    enum Form: Sendable {
        /// The name of a pipeline, a batch or a stage, or part of one.
        case name
        /// A version of a stage: v1.
        case version
        /// A text without U+0000, which no database can store.
        case text(longest: Int)
        /// A whole number with a default.
        case integer(ClosedRange<Int>, standard: Int)
        case number
        case choice([String], standard: String?)
        /// Any parameter whose name starts with `field.`, with a text as its value.
        case fields
    }

    let name: String
    let form: Form
    var isRequired = false
    let help: String

    /// The same parameter, required.
    var required: Parameter {
        var copy = self
        copy.isRequired = true
        return copy
    }

    /// What is wrong with a value; `nil` if nothing is.
    func complaint(about value: String) -> String? {
        switch form {
        case .name:
            return Self.isName(value)
                ? nil : "must be 1 to 64 letters, digits, '.', '_' and '-', not starting with '.'"
        case .version: return Self.isVersion(value) ? nil : "must be a version, such as v1"
        case .text(let longest):
            if value.utf8.contains(0) { return "must not contain U+0000" }
            return value.unicodeScalars.count <= longest ? nil : "must be no longer than \(longest) characters"
        case .integer(let range, _):
            let isInRange = Self.integer(value).map(range.contains) ?? false
            return isInRange ? nil : "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number: return Self.number(value) == nil ? "must be a number" : nil
        case .choice(let choices, _):
            return choices.contains(value) ? nil : "must be one of \(choices.joined(separator: ", "))"
        case .fields: return Parameter.field.complaint(about: value)
        }
    }

    /// Whether a text can name a pipeline, a batch or a stage.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._-".utf8.contains($0) }
    }

    private static func isVersion(_ text: String) -> Bool {
        text.hasPrefix("v") && (2...9).contains(text.utf8.count) && text.utf8.dropFirst().allSatisfy(\.isASCIIDigit)
            && !text.hasPrefix("v0")
    }

    /// The pattern of names, for the description.
    static let namePattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"

    private static let field = Parameter(name: "field", form: .text(longest: 1024), help: "")

    /// A whole number in plain digits.
    static func integer(_ text: String) -> Int? {
        text.utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: "-") } ? Int(text) : nil
    }

    /// A finite number in JSON's notation; other forms that Swift accepts (`nan`, `0x1p3`) are not.
    static func number(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ $0.isASCIIDigit || "+-.eE".utf8.contains($0) }), let number = Double(text) else {
            return nil
        }
        return number.isFinite ? number : nil
    }

    /// The parameter in OpenAPI's format.
    var described: JSON {
        var object: JSONObject = [
            "name": .string(name), "in": "query", "required": .bool(isRequired), "description": .string(help),
            "schema": schema,
        ]
        if case .fields = form {
            object["style"] = "form"
            object["explode"] = true
        }
        return .object(object)
    }

    private var schema: JSON {
        switch form {
        case .name: return ["type": "string", "pattern": .string(Self.namePattern)]
        case .version: return ["type": "string", "pattern": "^v[1-9][0-9]{0,7}$"]
        case .text(let longest):
            return ["type": "string", "maxLength": .int(Int64(longest)), "pattern": "^[^\\u0000]*$"]
        case .integer(let range, let standard):
            return [
                "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
                "default": .int(Int64(standard)),
            ]
        case .number: return ["type": "number"]
        case .choice(let choices, let standard):
            var object: JSONObject = ["type": "string", "enum": .array(choices.map { .string($0) })]
            if let standard { object["default"] = .string(standard) }
            return .object(object)
        case .fields:
            return [
                "type": "object", "propertyNames": ["pattern": "^field\\.[A-Za-z0-9_]{1,64}$"],
                "additionalProperties": ["type": "string", "maxLength": 1024, "pattern": "^[^\\u0000]*$"],
            ]
        }
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
