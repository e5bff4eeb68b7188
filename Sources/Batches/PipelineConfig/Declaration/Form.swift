package import JSON

/// What a key may contain, together with its Swift type.
package struct Form<Value: Sendable>: Sendable {
    let kind: ValueKind
    /// Decodes a normal form that the kind has accepted.
    let decode: @Sendable (JSON) -> Value?
    /// Encodes a value in normal form; `nil` for tables, which have no default as a whole because their keys do.
    let encode: (@Sendable (Value) -> JSON)?

    init(
        _ kind: ValueKind, decode: @escaping @Sendable (JSON) -> Value?, encode: (@Sendable (Value) -> JSON)? = nil
    ) {
        self.kind = kind
        self.decode = decode
        self.encode = encode
    }
}

/// The words that a key may contain: an enumeration whose raw values are those in `pipeline.toml`.
package protocol ConfigWord: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {}

/// One of some words, or a number.
package enum WordOrInt<Word: ConfigWord>: Hashable, Sendable {
    case word(Word)
    case int(Int)
}

extension Form where Value == String {
    /// A string of a given form.
    package static func text(_ form: TextForm) -> Self {
        Form(.text(form)) {
            $0.string
        } encode: {
            .string($0)
        }
    }
}

extension Form where Value == [String] {
    /// A string of a given form, or a list of at least one.
    package static func texts(_ form: TextForm) -> Self {
        Form(.texts(form)) {
            $0.array?.compactMap(\.string)
        } encode: {
            .array($0.map { .string($0) })
        }
    }
}

extension Form where Value == Int {
    /// An integer.
    package static func int(_ range: ClosedRange<Int>) -> Self {
        Form(.int(range)) {
            $0.int
        } encode: {
            .int(Int64($0))
        }
    }

    /// A size such as "256 MiB", in bytes.
    package static func byteSize(_ range: ClosedRange<Int>) -> Self {
        Form(.byteSize(range)) {
            $0.int
        } encode: {
            .int(Int64($0))
        }
    }

    /// A time of day such as "06:00", in minutes after midnight.
    static var timeOfDay: Self {
        Form(.text(.timeOfDay)) {
            $0.string.flatMap(Schedule.minutes(ofTimeOfDay:))
        } encode: {
            .string(Schedule.timeOfDay(minutes: $0))
        }
    }
}

extension Form where Value == Double {
    /// A finite number, written with or without a fraction.
    package static func number(_ range: ClosedRange<Double>) -> Self {
        Form(.number(range)) {
            $0.double
        } encode: {
            .double($0)
        }
    }

    /// A time span such as "60 s", in seconds.
    package static func duration(_ range: ClosedRange<Double>) -> Self {
        Form(.duration(range)) {
            $0.double
        } encode: {
            .double($0)
        }
    }

    /// A share such as "70%", as a fraction from 0 to 1.
    package static var percentage: Self {
        Form(.percentage) {
            $0.double
        } encode: {
            .double($0)
        }
    }
}

extension Form where Value == Bool {
    /// True or false.
    package static var bool: Self {
        Form(.bool) {
            $0.bool
        } encode: {
            .bool($0)
        }
    }
}

extension Form where Value: ConfigWord {
    /// One of the enumeration's words, or of some of them.
    package static func word(among words: [Value] = Array(Value.allCases)) -> Self {
        Form(.oneOf(words.map(\.rawValue))) {
            $0.string.flatMap(Value.init)
        } encode: {
            .string($0.rawValue)
        }
    }
}

extension Form {
    /// A string, a number, a boolean or a moment (which is text).
    package static func scalar() -> Form<JSON> where Value == JSON {
        Form(.scalar) {
            $0
        } encode: {
            $0
        }
    }

    /// One of the enumeration's words, or an integer.
    package static func word<Word>(orInt range: ClosedRange<Int>) -> Self where Value == WordOrInt<Word> {
        Form(.wordOrInt(Word.allCases.map(\.rawValue), range)) { value in
            value.int.map { .int($0) } ?? value.string.flatMap(Word.init).map { .word($0) }
        } encode: { value in
            switch value {
            case .word(let word): .string(word.rawValue)
            case .int(let number): .int(Int64(number))
            }
        }
    }

    /// Tables with names chosen by the owner, sorted by the names' bytes, so that the order of the file does not
    /// matter.
    package static func tables<Section>() -> Self where Value == [Named<Section>] {
        Form(.tables(Section.self)) { value in
            value.object?.members
                .compactMap { member in
                    member.value.object.map { Named(name: member.name, section: Section(accepted: $0)) }
                }
                .sorted { $0.name.precedesByBytes($1.name) }
        }
    }

    /// An array of tables, `[[…]]`.
    package static func list<Section: ConfigSection>() -> Self where Value == [Section] {
        Form(.list(Section.self)) { value in
            value.array?.compactMap { $0.object.map { Section(accepted: $0) } }
        }
    }
}

extension Form where Value: ConfigSection {
    /// A table.
    package static func table() -> Self {
        Form(.table(Value.self)) { $0.object.map { Value(accepted: $0) } }
    }
}
