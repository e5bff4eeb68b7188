public import JSON

/// One stage of a pipeline: its section, validated, with every default filled in.
///
/// A value is asked for by its key (`"sample_rate"`, `"metadata.query"`) and by the type that the schema gives it. Asking
/// for a key that the schema does not have, or as another type, is a mistake in the program and stops it.
public struct StageConfig: Sendable {
    /// The stage's name.
    public let stage: String
    /// The name of the tool that runs it.
    public var tool: String { kind.rawValue }
    /// The tool that runs it.
    public let kind: StageTool
    /// The stages it reads, in the pipeline's order; empty for fetch.
    public let inputs: [String]
    /// Every key that has a value.
    let values: JSONObject

    init(stage: String, kind: StageTool, inputs: [String], values: JSONObject) {
        self.stage = stage
        self.kind = kind
        self.inputs = inputs
        self.values = values
    }

    /// A string.
    public func string(_ key: String) -> String { demand(optionalString(key), key, "a string") }

    /// A string, `nil` if the key is left out and has no default.
    public func optionalString(_ key: String) -> String? { read(key, "a string") { $0.string } }

    /// A truth value.
    public func bool(_ key: String) -> Bool { demand(read(key, "a truth value") { $0.bool }, key, "a truth value") }

    /// An integer.
    public func int(_ key: String) -> Int { demand(read(key, "an integer") { $0.int }, key, "an integer") }

    /// A number.
    public func double(_ key: String) -> Double { demand(read(key, "a number") { $0.double }, key, "a number") }

    /// A list of strings; empty if the key is left out and has no default.
    public func strings(_ key: String) -> [String] {
        read(key, "a list of strings") { $0.array?.compactMap(\.string) } ?? []
    }

    /// A size, in bytes.
    public func bytes(_ key: String) -> Int { int(key) }

    /// A time span, in seconds.
    public func seconds(_ key: String) -> Double { double(key) }

    /// A percentage, as a fraction from 0 to 1.
    public func fraction(_ key: String) -> Double { double(key) }

    /// Whether a key, or a table such as `"metadata"`, has a value.
    public func has(_ key: String) -> Bool { value(key) != nil }

    /// The value of a key whatever its type, `nil` if it is left out and has no default.
    public func value(_ key: String) -> JSON? {
        var schema = kind.schema
        var at: JSON? = .object(values)
        for part in key.split(separator: ".") {
            guard let known = schema[String(part)] else {
                fatalError("\(tool) has no key \(key) in the schema of pipeline.toml")
            }
            if case .table(let inner) = known.kind { schema = inner }
            at = at?[known.name]
        }
        return at
    }

    // These stop with fatalError, whose message a release build still prints; preconditionFailure's it does not.
    private func read<Value>(_ key: String, _ type: String, _ convert: (JSON) -> Value?) -> Value? {
        guard let value = value(key) else { return nil }
        guard let converted = convert(value) else {
            fatalError("\(stage).\(key) is not \(type): the schema of pipeline.toml gives it another type")
        }
        return converted
    }

    private func demand<Value>(_ value: Value?, _ key: String, _ type: String) -> Value {
        guard let value else {
            fatalError("\(stage).\(key) may be left out: ask whether it is there before reading \(type)")
        }
        return value
    }
}

extension StageConfig {
    /// The rules of `[clean.fields]`, in the order of their names' bytes, so that the order of the file changes nothing.
    public var fields: [FieldRule] {
        guard kind == .clean, let fields = values["fields"]?.object else { return [] }
        return fields.members
            .compactMap { member in member.value.object.map { FieldRule(name: member.name, accepted: $0) } }
            .sorted { $0.name.precedesByBytes($1.name) }
    }

    /// Every key that means something here, as it goes on record in `run.json`: sizes in bytes, time spans in seconds,
    /// percentages as fractions, addresses without users and secrets.
    public var effective: JSONObject { recorded { _ in true } }

    /// The keys that can change bytes of the result, recorded alike: they enter the keys of the stage's parts.
    public var resultBearing: JSONObject { recorded(\.isResultBearing) }

    private func recorded(_ include: (KeySchema) -> Bool) -> JSONObject {
        let schema = kind.schema
        let kindOfValues = schema["kind"] == nil ? nil : values["kind"]?.string
        var object = JSONObject()
        for key in schema.keys where include(key) {
            if let kindOfValues, !key.kinds.isEmpty, !key.kinds.contains(kindOfValues) { continue }
            if let value = values[key.name] { object[key.name] = key.recorded(value) }
        }
        return object
    }
}

extension KeySchema {
    /// A value as it goes on record.
    fileprivate func recorded(_ value: JSON) -> JSON {
        switch (kind, value) {
        case (.text(let form), .string(let text)): return .string(form.recorded(text))
        case (.texts(let form), .array(let texts)):
            return .array(texts.map { $0.string.map { .string(form.recorded($0)) } ?? $0 })
        case (.table(let schema), .object(let object)):
            var copy = object
            for key in schema.keys { copy[key.name] = object[key.name].map { key.recorded($0) } }
            return .object(copy)
        default: return value
        }
    }
}
