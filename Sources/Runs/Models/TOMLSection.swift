internal import Fault
internal import JSON
internal import TOMLText

/// A table of `model.toml`, read key by key; keys left over at the end are an error.
///
/// Messages name file, line and key.
struct TOMLSection {
    private let members: TOMLMembers
    private let lines: KeyLines
    private let file: String
    private let path: [String]
    private var asked: [String] = []

    init(_ members: TOMLMembers, of document: TOMLDocument, in file: String) {
        self.init(members, document.lines, file, [])
    }

    private init(_ members: TOMLMembers, _ lines: KeyLines, _ file: String, _ path: [String]) {
        self.members = members
        self.lines = lines
        self.file = file
        self.path = path
    }

    /// A fault about a key: `FILE:LINE: KEY PROBLEM`.
    func fault(_ key: String, _ problem: String) -> Fault {
        let full = path + [key]
        let line = lines.line(of: full) ?? lines.line(of: path)
        return Fault(
            .configuration, "\(file)\(line.map { ":\($0)" } ?? ""): \(full.joined(separator: ".")) \(problem)")
    }

    /// The table as it is named in messages: `FILE:LINE: output`.
    var place: String {
        let line = lines.line(of: path)
        return "\(file)\(line.map { ":\($0)" } ?? ""): \(path.joined(separator: "."))"
    }

    /// Whether the table has members, all of which are tables.
    var holdsOnlyTables: Bool {
        !members.members.isEmpty && members.members.allSatisfy { if case .table = $0.node { true } else { false } }
    }

    /// The tables in it, in the order in which the file has them.
    mutating func tablesInOrder() throws(Fault) -> [(name: String, section: TOMLSection)] {
        var found: [(line: Int, name: String, section: TOMLSection)] = []
        for (name, _) in members.members {
            found.append((lines.line(of: path + [name]) ?? 0, name, try section(name)))
        }
        found.sort { $0.line < $1.line }
        for (first, second) in zip(found, found.dropFirst()) where first.line == second.line {
            throw fault(
                second.name, "is in the same line as \(first.name); give each a table of its own, as their order counts"
            )
        }
        return found.map { ($0.name, $0.section) }
    }

    /// Whether a key's value is a string.
    func isString(_ key: String) -> Bool { if case .string = members[key] { true } else { false } }

    /// Whether a key is present.
    func has(_ key: String) -> Bool { members[key] != nil }

    private mutating func take(_ key: String) -> TOMLNode? {
        asked.append(key)
        return members[key]
    }

    private mutating func take<Value>(
        _ key: String, as type: String, _ convert: (TOMLNode) -> Value?
    ) throws(Fault) -> Value? {
        guard let node = take(key) else { return nil }
        guard let value = convert(node) else { throw fault(key, "must be \(type), not \(node.shown)") }
        return value
    }

    private func demand<Value>(_ value: Value?, _ key: String) throws(Fault) -> Value {
        guard let value else { throw fault(key, "is missing\(misspelling(of: key))") }
        return value
    }

    /// The ending of a message about a missing key, if another key looks like it.
    func misspelling(of key: String) -> String {
        let strange = members.members.map(\.name).filter { !asked.contains($0) }
        return nearest(to: key, among: strange).map { "; '\($0)' is not a key of model.toml: did you mean '\(key)'?" }
            ?? ""
    }

    mutating func optionalString(_ key: String) throws(Fault) -> String? {
        try take(key, as: "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    mutating func string(_ key: String) throws(Fault) -> String { try demand(optionalString(key), key) }

    mutating func integer(_ key: String, default value: Int? = nil) throws(Fault) -> Int {
        let found = try take(key, as: "an integer") { node in
            if case .int(let number) = node { Int(exactly: number) } else { nil }
        }
        return try demand(found ?? value, key)
    }

    mutating func boolean(_ key: String, default value: Bool) throws(Fault) -> Bool {
        try take(key, as: "true or false") { if case .bool(let truth) = $0 { truth } else { nil } } ?? value
    }

    mutating func optionalStrings(_ key: String) throws(Fault) -> [String]? {
        try take(key, as: "a list of strings") { node in
            guard case .array(let nodes) = node else { return nil }
            let texts = nodes.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == nodes.count ? texts : nil
        }
    }

    /// A value of an enumeration.
    mutating func choice<Choice: RawRepresentable<String>>(
        _ key: String, among choices: [Choice], default value: Choice? = nil
    ) throws(Fault) -> Choice {
        guard let text = try optionalString(key) else { return try demand(value, key) }
        guard let choice = Choice(rawValue: text) else {
            let words = choices.map(\.rawValue)
            let guess = nearest(to: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
            throw fault(key, "must be one of \(words.joined(separator: ", ")), not \"\(text)\"\(guess)")
        }
        return choice
    }

    /// The name of a file in the same folder.
    mutating func optionalFileName(_ key: String) throws(Fault) -> String? {
        guard let name = try optionalString(key) else { return nil }
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")) else {
            throw fault(key, "must name a file beside model.toml, not \"\(name)\"")
        }
        return name
    }

    mutating func fileName(_ key: String) throws(Fault) -> String { try demand(optionalFileName(key), key) }

    /// A required table.
    mutating func section(_ key: String) throws(Fault) -> TOMLSection {
        let table = try take(key, as: "a table") { if case .table(let table) = $0 { table } else { nil } }
        return TOMLSection(try demand(table, key), lines, file, path + [key])
    }

    /// A table of strings, numbers and booleans; empty if omitted.
    mutating func plainValues(_ key: String) throws(Fault) -> JSONObject {
        guard let table = try take(key, as: "a table", { if case .table(let table) = $0 { table } else { nil } }) else {
            return [:]
        }
        let section = TOMLSection(table, lines, file, path + [key])
        var values = JSONObject()
        for (name, node) in table.members {
            switch node {
            case .string(let text): values[name] = .string(text)
            case .int(let number): values[name] = .int(number)
            case .double(let number): values[name] = .double(number)
            case .bool(let truth): values[name] = .bool(truth)
            default: throw section.fault(name, "must be a string, a number, true or false")
            }
        }
        return values
    }

    /// Refuses the first unknown key, suggesting the nearest known one.
    func refuseOthers() throws(Fault) {
        for (name, _) in members.members where !asked.contains(name) {
            let guess = nearest(to: name, among: asked).map { "; did you mean '\($0)'?" }
            throw fault(name, "is not a key of model.toml\(guess ?? " (there are \(asked.joined(separator: ", ")))")")
        }
    }
}
