/// A value of a TOML document, before its expected type is known.
///
/// Tables keep the order of the file. Moments (dates, times, date-times) are kept as text, since only one key accepts
/// one.
package enum TOMLNode: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case moment(String)
    case array([TOMLNode])
    case table(TOMLMembers)
}

/// The members of a TOML table, in order.
package struct TOMLMembers: Sendable, Equatable {
    package private(set) var members: [(name: String, node: TOMLNode)]

    package init(_ members: [(name: String, node: TOMLNode)] = []) { self.members = members }

    package subscript(name: String) -> TOMLNode? {
        members.first { $0.name == name }?.node
    }

    /// Puts a node at a path, making the tables on the way; `nil` on success, otherwise the part of the path that
    /// exists and is not a table.
    package mutating func put(_ node: TOMLNode, at path: ArraySlice<String>) -> ArraySlice<String>? {
        guard let name = path.first else { return path }
        let rest = path.dropFirst()
        let index = members.firstIndex { $0.name == name }
        if rest.isEmpty {
            if let index { members[index].node = node } else { members.append((name, node)) }
            return nil
        }
        var inner = TOMLMembers()
        if let index {
            guard case .table(let existing) = members[index].node else { return path.prefix(1) }
            inner = existing
        }
        if let blocked = inner.put(node, at: rest) { return path.prefix(1) + blocked }
        if let index { members[index].node = .table(inner) } else { members.append((name, .table(inner))) }
        return nil
    }

    package static func == (a: TOMLMembers, b: TOMLMembers) -> Bool {
        a.members.count == b.members.count
            && zip(a.members, b.members).allSatisfy { $0.name == $1.name && $0.node == $1.node }
    }
}

extension TOMLNode {
    /// The node as shown in messages. The contents of lists and tables are omitted: they may be long, or secret.
    package var shown: String {
        switch self {
        case .string(let text): TOMLNode.quoted(text)
        case .int(let value): String(value)
        case .double(let value): value.description
        case .bool(let value): String(value)
        case .moment(let text): "the moment \(text)"
        case .array(let nodes): nodes.isEmpty ? "an empty list" : "a list"
        case .table: "a table"
        }
    }

    /// The node as written in a file.
    package var written: String {
        switch self {
        case .moment(let text): text
        case .array(let nodes): "[" + nodes.map(\.written).joined(separator: ", ") + "]"
        case .table(let table):
            "{ " + table.members.map { "\($0.name) = \($0.node.written)" }.joined(separator: ", ") + " }"
        default: shown
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\0"..<" ", "\u{7F}":
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension TOMLNode {
    /// A number, as an integer if it is whole: `20`, not `20.0`.
    package static func number(_ value: Double) -> TOMLNode {
        if let whole = Int64(exactly: value) { .int(whole) } else { .double(value) }
    }
}

extension TOMLNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
