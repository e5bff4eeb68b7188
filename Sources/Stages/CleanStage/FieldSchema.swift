package import Fault
internal import JSON
package import PipelineConfig
internal import Time

/// Applies `[clean.fields]`: checks an item's metadata, converts text to its declared type, and fills gaps.
///
/// A gap is a field that is absent, `null`, or empty text. Text from sources that only know text (CSV) counts as the
/// value it represents, in any spelling whose meaning is certain. Fields that the schema does not name pass unchanged.
package struct FieldSchema {
    private let rules: [Checked]

    private struct Checked {
        let rule: Named<FieldRule>
        let pattern: Regex<AnyRegexOutput>?
    }

    /// Compiles the rules of a pipeline.
    package init(_ rules: [Named<FieldRule>]) throws(Fault) {
        var checked: [Checked] = []
        for rule in rules {
            var pattern: Regex<AnyRegexOutput>?
            if let text = rule.pattern {
                do {
                    pattern = try Regex(text)
                } catch {
                    throw Fault(
                        .configuration, "clean.fields.\(rule.name).pattern is not a regular expression: \(text)",
                        cause: error)
                }
            }
            checked.append(Checked(rule: rule, pattern: pattern))
        }
        self.rules = checked
    }

    /// Completes an item's fields.
    ///
    /// - Parameters:
    ///   - fields: the item's metadata, changed in place.
    ///   - lastModified: when the source last changed the object, RFC 3339.
    /// - Returns: the names of the filled fields, in byte order.
    func complete(_ fields: inout JSONObject, lastModified: String?) throws(Rejection) -> [String] {
        var filled: [String] = []
        for checked in rules {
            let rule = checked.rule
            if let value = fields[rule.name], value != .null, value != "" {
                let typed = try Self.typed(value, rule)
                try Self.check(typed, checked)
                if typed != value { fields[rule.name] = typed }
                continue
            }
            switch rule.fill {
            case .literal(let value): fields[rule.name] = value
            case .lastModified:
                guard let lastModified else {
                    throw Rejection(
                        .missingField,
                        "the field \"\(rule.name)\" is missing, and the source gave no last_modified to fill it with")
                }
                fields[rule.name] = .string(lastModified)
            case nil:
                if rule.isRequired { throw Rejection(.missingField, "the field \"\(rule.name)\" is missing") }
                continue
            }
            filled.append(rule.name)
        }
        return filled
    }

    /// The value as its declared type.
    private static func typed(_ value: JSON, _ rule: Named<FieldRule>) throws(Rejection) -> JSON {
        let typed: JSON? =
            switch (rule.type, value) {
            case (.string, .string), (.number, .double), (.number, .int), (.number, .digits), (.integer, .int),
                (.boolean, .bool):
                value
            case (.timestamp, .string(let text)): Moment.rfc3339(text).map { .string($0) }
            case (.number, .string(let text)): NumberText(text)?.number
            case (.integer, .string(let text)): NumberText(text)?.integer
            case (.integer, .double(let number)): Int64(exactly: number).map { .int($0) }
            case (.boolean, .string(let text)): boolean(text)
            default: nil
            }
        guard let typed else {
            let expected =
                switch rule.type {
                case .string: "a string"
                case .number: "a number"
                case .integer: if case .digits = value { "an integer of 64 bits" } else { "an integer" }
                case .boolean: "true or false"
                case .timestamp: "a moment such as 2026-11-19T22:04:11Z"
                }
            throw Rejection(.invalidField, "the field \"\(rule.name)\" is \(shown(value)), not \(expected)")
        }
        return typed
    }

    private static func boolean(_ text: String) -> JSON? {
        switch NumberText.trimmed(text).lowercased() {
        case "true", "t": true
        case "false", "f": false
        default: nil
        }
    }

    private static func check(_ value: JSON, _ checked: Checked) throws(Rejection) {
        let rule = checked.rule
        func invalid(_ why: String) -> Rejection {
            Rejection(.invalidField, "the field \"\(rule.name)\" is \(shown(value)), \(why)")
        }
        if let number = value.double {
            if let least = rule.min, number < least { throw invalid("less than \(least)") }
            if let greatest = rule.max, number > greatest { throw invalid("more than \(greatest)") }
        }
        if let text = value.string {
            if let allowed = rule.values, !allowed.contains(where: { $0.hasSameBytes(as: text) }) {
                throw invalid("none of \(allowed.map { "\"\($0)\"" }.joined(separator: ", "))")
            }
            if let pattern = checked.pattern, (try? pattern.wholeMatch(in: text)) == nil {
                throw invalid("which does not match \(rule.pattern ?? "")")
            }
        }
    }

    /// A value for a message: as JSON, truncated if it is long.
    private static func shown(_ value: JSON) -> String {
        let text = value.text(.line)
        return text.count <= 60 ? text : text.prefix(57) + "..."
    }
}
