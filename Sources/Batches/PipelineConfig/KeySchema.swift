package import JSON
package import TOMLText

/// One key of `pipeline.toml`: what it may hold, what it is when left out, and what it is for.
///
/// The schema is data: validation, defaults, the effective configuration and the reference table in
/// `docs/configuration.md` are all made from it, so that none of them can disagree.
package struct KeySchema: Sendable {
    package let name: String
    package let kind: ValueKind
    /// What the key is when it is left out; `nil` for nothing.
    package let fallback: TOMLNode?
    /// Other defaults, where another key of the section has a certain value.
    package let fallbacksByKind: [String: TOMLNode]
    package let isRequired: Bool
    /// Whether the key can change bytes of the stage's result: it then enters the keys of the stage's parts.
    package let isResultBearing: Bool
    /// The values of `kind` for which the key means something; empty for all.
    package let kinds: [String]
    /// One sentence for the reference table, without a full stop.
    package let doc: String

    package init(
        _ name: String, _ kind: ValueKind, default fallback: TOMLNode? = nil,
        defaultByKind fallbacksByKind: [String: TOMLNode] = [:], required: Bool = false, bearing: Bool = false,
        onlyForKinds kinds: [String] = [], _ doc: String
    ) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.fallbacksByKind = fallbacksByKind
        self.isRequired = required
        self.isResultBearing = bearing
        self.kinds = kinds
        self.doc = doc
    }
}

/// What a key may hold.
package indirect enum ValueKind: Sendable {
    /// A string of a certain form.
    case text(TextForm)
    /// One string of a certain form, or a list of at least one.
    case texts(TextForm)
    case int(ClosedRange<Int>)
    /// A finite number, written with or without a fraction.
    case number(ClosedRange<Double>)
    case bool
    /// A size such as "256 MiB", kept as bytes.
    case byteSize(ClosedRange<Int>)
    /// A time span such as "60 s", kept as seconds.
    case duration(ClosedRange<Double>)
    /// A share such as "70%", kept as a fraction.
    case percentage
    case oneOf([String])
    /// One of some words, or an integer.
    case wordOrInt([String], ClosedRange<Int>)
    /// A string, a number, a truth value or a moment.
    case scalar
    case table(SectionSchema)
    /// A table of tables under names of the pipeline's own choice.
    case tables(SectionSchema)
}

/// The keys of one section.
package struct SectionSchema: Sendable {
    package let keys: [KeySchema]
    /// Finds what single keys cannot: values that exclude each other.
    package let check: @Sendable (JSONObject) -> Contradiction?

    package init(_ keys: [KeySchema], check: @escaping @Sendable (JSONObject) -> Contradiction? = { _ in nil }) {
        self.keys = keys
        self.check = check
    }

    package subscript(name: String) -> KeySchema? { keys.first { $0.name == name } }
}

/// Values that are fine one by one, and impossible together.
package struct Contradiction: Sendable {
    /// The key to blame; the message starts with it.
    package let key: String
    package let message: String
}

extension ValueKind {
    /// What the kind asks for, as it stands after "must be".
    package var expectation: String {
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
