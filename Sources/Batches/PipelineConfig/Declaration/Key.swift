import JSON
import Synchronization

/// A key of a section: its declaration, and its value in one section.
///
/// The declaration decides whether a key is required: with `default:` it always has a value, with `required:` the file
/// must give one, and with neither the property is optional, a list (then empty), or a table with defaults.
@propertyWrapper
package struct Key<Value: Sendable>: Sendable {
    let schema: KeySchema
    private let decode: @Sendable (JSON) -> Value?
    /// Reading a file fills the boxes of a section that is not shared yet; writing the property replaces its box, so
    /// that a copy of the section keeps its value.
    private var box: Box

    private final class Box: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) { self.value = Mutex(value) }
    }

    package var wrappedValue: Value {
        get { box.value.withLock { $0 } }
        set { box = Box(newValue) }
    }

    /// The key itself: `$maxBatchItems.name`.
    package var projectedValue: Self { self }

    /// The name in `pipeline.toml`.
    package var name: String { schema.name }

    private init(_ schema: KeySchema, _ value: Value, _ decode: @escaping @Sendable (JSON) -> Value?) {
        self.schema = schema
        self.decode = decode
        box = Box(value)
    }

    /// Makes a key from a declaration shared by several sections.
    package init(_ shared: Self) { self = shared }

    /// A key that always has a value.
    ///
    /// - Parameters:
    ///   - name: The name in `pipeline.toml`.
    ///   - form: what it may contain.
    ///   - fallback: the default value.
    ///   - exceptions: other defaults, if another key has certain values.
    ///   - changesBytes: whether it can change the bytes of the stage's result; it is then part of the keys of the
    ///     stage's parts.
    ///   - condition: the values of another key for which this one applies.
    ///   - example: a value as written in a file, for the reference.
    ///   - doc: one sentence for the reference, without a full stop.
    package init(
        _ name: String, _ form: Form<Value>, default fallback: Value, except exceptions: [Condition: Value] = [:],
        changesBytes: Bool = false, only condition: Condition? = nil, example: String? = nil, _ doc: String
    ) {
        let exceptions = exceptions.compactMap { condition, value in
            form.encode.map { (condition: condition, value: $0(value)) }
        }
        let schema = KeySchema(
            name: name, kind: form.kind, fallback: form.encode?(fallback),
            exceptions: exceptions.sorted { $0.condition.words.lexicographicallyPrecedes($1.condition.words) },
            changesBytes: changesBytes, condition: condition, doc: doc, example: example)
        self.init(schema, fallback, form.decode)
    }

    /// A required key.
    ///
    /// - Parameter placeholder: the value in a section that no file has filled.
    package init(
        _ name: String, _ form: Form<Value>, required placeholder: Value, changesBytes: Bool = false,
        example: String? = nil, _ doc: String
    ) {
        let schema = KeySchema(
            name: name, kind: form.kind, isRequired: true, changesBytes: changesBytes, doc: doc, example: example)
        self.init(schema, placeholder, form.decode)
    }

    /// An optional key, `nil` by default.
    package init<Held>(
        _ name: String, _ form: Form<Held>, changesBytes: Bool = false, only condition: Condition? = nil,
        example: String? = nil, _ doc: String
    ) where Value == Held? {
        let schema = KeySchema(
            name: name, kind: form.kind, changesBytes: changesBytes, condition: condition, doc: doc, example: example)
        self.init(schema, nil) { form.decode($0) }
    }

    /// An optional list, empty by default.
    package init<Element>(
        _ name: String, _ form: Form<[Element]>, changesBytes: Bool = false, only condition: Condition? = nil,
        example: String? = nil, _ doc: String
    ) where Value == [Element] {
        let schema = KeySchema(
            name: name, kind: form.kind, changesBytes: changesBytes, condition: condition, doc: doc, example: example)
        self.init(schema, [], form.decode)
    }

    /// An optional table, with its keys' defaults.
    package init(
        _ name: String, _ form: Form<Value>, changesBytes: Bool = false, only condition: Condition? = nil, _ doc: String
    ) where Value: ConfigSection {
        let schema = KeySchema(
            name: name, kind: form.kind, changesBytes: changesBytes, condition: condition, doc: doc)
        self.init(schema, Value(), form.decode)
    }
}

extension Key: Equatable where Value: Equatable {
    package static func == (a: Self, b: Self) -> Bool { a.wrappedValue == b.wrappedValue }
}

/// A key whose type is unknown.
protocol DeclaredKey: Sendable {
    var schema: KeySchema { get }
    /// Sets the value of a section being made to one that the key's form has accepted.
    func fill(with value: JSON)
}

extension Key: DeclaredKey {
    func fill(with value: JSON) {
        guard let decoded = decode(value) else { return }
        box.value.withLock { $0 = decoded }
    }
}
