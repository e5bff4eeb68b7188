package import JSON

/// A section of `pipeline.toml`: a struct whose properties are its keys.
///
/// ```swift
/// @Key("max_batch_items", .int(1...65_536), default: 16, changesBytes: true, "The most items in a batch")
/// package var maxBatchItems: Int
/// ```
///
/// This single declaration is what a file is validated against, what the stage reads, what `run.json` records and what
/// `docs/configuration.md` shows. The order of the properties is the order of the recorded keys.
package protocol ConfigSection: Sendable {
    /// The section with every key at its default. Required keys have placeholders.
    init()
    /// Values that are valid individually but not together; `nil` if there are none.
    ///
    /// Only read if every key is valid by itself.
    var contradiction: Contradiction? { get }
}

extension ConfigSection {
    package var contradiction: Contradiction? { nil }

    /// The declarations of the keys, in order.
    package static var schema: SectionSchema {
        SectionSchema(Self().keys.map(\.schema)) { Self(accepted: $0).contradiction }
    }

    /// Makes a section from validated values. Keys without a value keep their defaults.
    package init(accepted values: JSONObject) {
        self.init()
        for key in keys {
            if let value = values[key.schema.name] { key.fill(with: value) }
        }
    }

    /// The section with some keys set in code.
    package init(_ set: (inout Self) -> Void) {
        self.init()
        set(&self)
    }

    /// The property wrappers are the list of keys, so that there is no second list that could miss one.
    private var keys: [any DeclaredKey] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any DeclaredKey }
    }
}

/// Values that are valid individually but not together.
package struct Contradiction: Sendable {
    /// The key at fault; the message starts with it.
    let key: String
    let message: String

    /// Blames a key of the section: `Contradiction($memorySoft, "is more than memory_hard")`.
    package init(_ key: Key<some Sendable>, _ message: String) {
        self.key = key.name
        self.message = message
    }
}

/// A table with a name chosen by its owner, as in `[clean.fields]`; its keys can be read directly.
@dynamicMemberLookup
package struct Named<Section: ConfigSection>: Sendable {
    /// The name.
    package let name: String
    /// The table's content.
    package var section: Section

    /// Makes a named section.
    package init(name: String, section: Section) {
        self.name = name
        self.section = section
    }

    /// A value of the section.
    package subscript<Value>(dynamicMember path: KeyPath<Section, Value>) -> Value { section[keyPath: path] }
}

extension Named: Equatable where Section: Equatable {}
