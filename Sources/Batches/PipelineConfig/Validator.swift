import JSON
import TOMLText

/// Checks a TOML tree against the schema: reports errors, fills in defaults, and normalises values.
struct Validator {
    let places: Places
    private(set) var problems: [Problem] = []

    init(_ places: Places) { self.places = places }

    mutating func report(_ path: [String], _ message: String) {
        problems.append(Problem(place: places.place(of: path), message: "\(dotted(path)) \(message)"))
    }

    /// The section's values with defaults, in the schema's order, whatever its errors.
    mutating func section(_ table: TOMLMembers, at path: [String], _ schema: SectionSchema) -> JSONObject {
        let before = problems.count
        for (name, node) in table.members where schema[name] == nil {
            reportUnknown(path + [name], node, schema)
        }
        var values = JSONObject()
        for key in schema.keys {
            values[key.name] = value(of: key, in: table, at: path, beside: values)
        }
        // Values that are wrong by themselves would be reported twice.
        if problems.count == before, let contradiction = schema.contradiction(values) {
            report(path + [contradiction.key], contradiction.message)
        }
        return values
    }

    private mutating func value(
        of key: KeySchema, in table: TOMLMembers, at path: [String], beside values: JSONObject
    ) -> JSON? {
        let path = path + [key.name]
        guard let node = table[key.name] else {
            if key.isRequired { report(path, "is missing: it must be \(key.kind.expectation)") }
            return key.fallback(beside: values)
        }
        if let condition = key.condition, let offence = condition.offence(in: values) {
            report(path, "does not apply with \(condition.key) = \"\(offence)\"; leave it out")
            return nil
        }
        return normalized(node, key.kind, at: path)
    }

    /// A value in normal form (bytes, seconds and fractions as numbers, lists as lists); `nil` after reporting an
    /// error.
    private mutating func normalized(_ node: TOMLNode, _ kind: ValueKind, at path: [String]) -> JSON? {
        switch (kind, asWritten(node, kind, at: path)) {
        case (.text(let form), .string(let text)):
            return check(text, form, kind, at: path).map { .string($0) }
        case (.texts(let form), .string(let text)):
            return check(text, form, kind, at: path).map { .array([.string($0)]) }
        case (.texts(let form), .array(let nodes)) where !nodes.isEmpty:
            return list(nodes, form, kind, at: path)
        case (.int(let range), .int(let number)):
            if let number = Int(exactly: number), range.contains(number) { return .int(Int64(number)) }
        case (.number(let range), .int(let number)) where range.contains(Double(number)):
            return .double(Double(number))
        case (.number(let range), .double(let number)) where number.isFinite && range.contains(number):
            return .double(number)
        case (.bool, .bool(let truth)):
            return .bool(truth)
        case (.byteSize(let range), .string(let text)):
            if let bytes = ByteSize.bytes(parsing: text) {
                if range.contains(bytes) { return .int(Int64(bytes)) }
                return outOfRange(node, "at least \(range.lowerBound) B", at: path)
            }
        case (.duration(let range), .string(let text)):
            if let seconds = TimeSpan.seconds(parsing: text) {
                if range.contains(seconds) { return .double(seconds) }
                return outOfRange(
                    node,
                    "from \(TOMLNode.number(range.lowerBound).shown) s to \(TOMLNode.number(range.upperBound).shown) s",
                    at: path)
            }
        case (.percentage, .string(let text)):
            if let fraction = Percentage.fraction(parsing: text) { return .double(fraction) }
        case (.oneOf(let words), .string(let text)):
            if words.contains(text) { return .string(text) }
            return refuse(node, kind, at: path, guess: nearest(to: text, among: words))
        case (.wordOrInt(let words, _), .string(let text)):
            if words.contains(text) { return .string(text) }
        case (.wordOrInt(_, let range), .int(let number)):
            if let number = Int(exactly: number), range.contains(number) { return .int(Int64(number)) }
        case (.scalar, .string(let text)), (.scalar, .moment(let text)): return .string(text)
        case (.scalar, .int(let number)): return .int(number)
        case (.scalar, .double(let number)) where number.isFinite: return .double(number)
        case (.scalar, .bool(let truth)): return .bool(truth)
        case (.table(let section), .table(let table)):
            return .object(self.section(table, at: path, section.schema))
        case (.tables(let section), .table(let table)):
            return tables(table, section, at: path)
        case (.list(let section), .array(let nodes)):
            return list(nodes, section, at: path)
        default: break
        }
        return refuse(node, kind, at: path)
    }

    /// `--set infer.model=3` means the text `3` where text is expected.
    private func asWritten(_ node: TOMLNode, _ kind: ValueKind, at path: [String]) -> TOMLNode {
        guard let raw = places.rawArgument(at: path) else { return node }
        switch (kind, node) {
        case (.text, .int), (.text, .double), (.text, .bool), (.text, .moment), (.texts, .int), (.texts, .double),
            (.texts, .bool), (.texts, .moment):
            return .string(raw)
        default: return node
        }
    }

    private mutating func check(_ text: String, _ form: TextForm, _ kind: ValueKind, at path: [String]) -> String? {
        guard let fault = form.fault(text) else { return text }
        let shown = form.shown(text).map { ", not \(TOMLNode.string($0).shown)" } ?? ""
        report(path, "must be \(kind.expectation)\(shown)" + (fault.isEmpty ? "" : ": \(fault)"))
        return nil
    }

    private mutating func list(_ nodes: [TOMLNode], _ form: TextForm, _ kind: ValueKind, at path: [String]) -> JSON? {
        var texts: [JSON] = []
        for node in nodes {
            guard case .string(let text) = node else { return refuse(node, kind, at: path) }
            guard let text = check(text, form, kind, at: path) else { return nil }
            texts.append(.string(text))
        }
        return .array(texts)
    }

    private mutating func tables(_ table: TOMLMembers, _ section: any ConfigSection.Type, at path: [String]) -> JSON {
        var object = JSONObject()
        for (name, node) in table.members {
            if let value = normalized(node, .table(section), at: path + [name]) { object[name] = value }
        }
        return .object(object)
    }

    private mutating func list(_ nodes: [TOMLNode], _ section: any ConfigSection.Type, at path: [String]) -> JSON {
        var tables: [JSON] = []
        for (position, node) in nodes.enumerated() {
            if let value = normalized(node, .table(section), at: path + [KeyLines.element(position)]) {
                tables.append(value)
            }
        }
        return .array(tables)
    }

    private mutating func outOfRange(_ node: TOMLNode, _ range: String, at path: [String]) -> JSON? {
        report(path, "must be \(range), not \(node.shown)")
        return nil
    }

    private mutating func refuse(_ node: TOMLNode, _ kind: ValueKind, at path: [String], guess: String? = nil) -> JSON?
    {
        let hint = guess.map { "; did you mean \"\($0)\"?" } ?? ""
        // A guarded text may be a URL with a password in it, even where a list or a number is expected.
        report(path, "must be \(kind.expectation), not \(node.shown)\(hint)")
        return nil
    }

    private mutating func reportUnknown(_ path: [String], _ node: TOMLNode, _ schema: SectionSchema) {
        report(path, "is not a known key" + Suggestion.forUnknown(path, in: schema))
    }
}

extension Validator {
    /// The errors in the order of the file, arguments last, as given.
    var inFileOrder: [Problem] {
        func rank(_ problem: Problem) -> Int {
            switch problem.place {
            case .file: 0
            case .line(let line): line
            case .argument: .max
            }
        }
        return problems.enumerated()
            .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }
}
