import JSON
import TOMLText

/// What a key may contain.
enum ValueKind: Sendable {
    /// A string of a given form.
    case text(TextForm)
    /// A string of a given form, or a list of at least one.
    case texts(TextForm)
    case int(ClosedRange<Int>)
    /// A finite number, written with or without a fraction.
    case number(ClosedRange<Double>)
    case bool
    /// A size such as "256 MiB", stored in bytes.
    case byteSize(ClosedRange<Int>)
    /// A time span such as "60 s", stored in seconds.
    case duration(ClosedRange<Double>)
    /// A share such as "70%", stored as a fraction.
    case percentage
    case oneOf([String])
    /// One of some words, or an integer.
    case wordOrInt([String], ClosedRange<Int>)
    /// A string, a number, a boolean or a moment.
    case scalar
    case table(any ConfigSection.Type)
    /// A table of tables with names chosen by the pipeline's owner.
    case tables(any ConfigSection.Type)
    /// An array of tables.
    case list(any ConfigSection.Type)
}

extension ValueKind {
    /// What the kind requires, in the form used after "must be".
    var expectation: String {
        switch self {
        case .text(let form): form.expectation
        case .texts(let form): "\(form.expectation), or a list of such"
        case .int(let range) where range.lowerBound == range.upperBound: "the number \(range.lowerBound)"
        case .int(let range): "an integer" + Self.said(range)
        case .number(let range): "a number" + Self.said(range)
        case .bool: "true or false"
        case .byteSize: "a size such as \"256 MiB\""
        case .duration: "a time span such as \"60 s\""
        case .percentage: "a percentage such as \"70%\""
        case .oneOf(let words): Self.listed(words)
        case .wordOrInt(let words, let range): "\(Self.listed(words)) or an integer" + Self.said(range)
        case .scalar: "a string, a number, true, false or a moment"
        case .table: "a table"
        case .tables: "a table of tables"
        case .list: "an array of tables"
        }
    }

    /// A value in its normal form as it goes on record: addresses without users and secrets.
    func recorded(_ value: JSON) -> JSON {
        switch (self, value) {
        case (.text(let form), .string(let text)): .string(form.recorded(text))
        case (.texts(let form), .array(let texts)):
            .array(texts.map { $0.string.map { .string(form.recorded($0)) } ?? $0 })
        case (.table(let section), .object(let object)): .object(section.schema.recorded(object))
        case (.tables(let section), .object(let object)):
            .object(
                object.members.reduce(into: JSONObject()) { copy, member in
                    copy[member.name] = Self.table(section).recorded(member.value)
                })
        case (.list(let section), .array(let tables)): .array(tables.map { Self.table(section).recorded($0) })
        default: value
        }
    }

    /// A value in its normal form as a file would hold it.
    func written(_ value: JSON) -> String {
        switch (self, value) {
        case (.byteSize, .int(let bytes)): TOMLNode.string(ByteSize.text(Int(bytes))).written
        case (.duration, .double(let seconds)): TOMLNode.string(TimeSpan.text(seconds)).written
        case (.percentage, .double(let fraction)): TOMLNode.string(Percentage.text(fraction)).written
        case (.number, .double(let number)): TOMLNode.number(number).written
        // A single string may stand for a list of one.
        case (.texts, .array(let texts)) where texts.count == 1: texts[0].text(.line)
        default: value.text(.line)
        }
    }

    private static func listed(_ words: [String]) -> String {
        let quoted = words.map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }

    private static func said(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? " of at least \(range.lowerBound)" : " from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func said(_ range: ClosedRange<Double>) -> String {
        func plain(_ number: Double) -> String { TOMLNode.number(number).shown }
        return switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
        case (true, true): " from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case (true, false): " of at least \(plain(range.lowerBound))"
        case (false, true): " of at most \(plain(range.upperBound))"
        case (false, false): ""
        }
    }
}
