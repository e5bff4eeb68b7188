import JSON
import TOMLText

/// A key's declaration without its type, as used by validation, the record and the reference.
package struct KeySchema: Sendable {
    let name: String
    let kind: ValueKind
    /// The default in normal form; `nil` for none.
    var fallback: JSON?
    /// Other defaults, if another key of the section has certain values.
    var exceptions: [(condition: Condition, value: JSON)] = []
    var isRequired = false
    var changesBytes = false
    /// When the key applies; `nil` for always.
    var condition: Condition?
    let doc: String
    var example: String?

    /// The default, given the values of earlier keys.
    func fallback(beside values: JSONObject) -> JSON? {
        exceptions.first { $0.condition.isMet(by: values) }?.value ?? fallback
    }
}

/// The condition that another key of the section, declared earlier, has one of some values.
package struct Condition: Sendable, Hashable {
    let key: String
    let words: [String]

    /// Makes a condition on a key.
    package init(_ key: String, isOneOf words: [some ConfigWord]) {
        self.key = key
        self.words = words.map(\.rawValue)
    }

    /// Whether it holds.
    func isMet(by values: JSONObject) -> Bool { values[key]?.string.map(words.contains) ?? false }

    /// The value of the other key that violates it; `nil` if that key is wrong, since one error is enough to report.
    func offence(in values: JSONObject) -> String? {
        values[key]?.string.flatMap { words.contains($0) ? nil : $0 }
    }
}

/// The keys of one section.
package struct SectionSchema: Sendable {
    let keys: [KeySchema]
    /// Finds values that exclude each other, which single keys cannot.
    let contradiction: @Sendable (JSONObject) -> Contradiction?

    init(_ keys: [KeySchema], contradiction: @escaping @Sendable (JSONObject) -> Contradiction?) {
        self.keys = keys
        self.contradiction = contradiction
    }

    subscript(name: String) -> KeySchema? { keys.first { $0.name == name } }

    /// The section as recorded: the keys that apply and have a value, in order.
    ///
    /// - Parameter include: whether to record a key of the section (not of its tables).
    func recorded(_ values: JSONObject, where include: (KeySchema) -> Bool = { _ in true }) -> JSONObject {
        var object = JSONObject()
        for key in keys where include(key) && key.condition?.offence(in: values) == nil {
            if let value = values[key.name] { object[key.name] = key.kind.recorded(value) }
        }
        return object
    }
}
