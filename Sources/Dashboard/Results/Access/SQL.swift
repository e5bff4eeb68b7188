/// A statement being built: text, and values that are bound in place and never become text.
///
/// `"SELECT … WHERE batch = \(batch)"` binds; `\(raw: …)` inserts text, and is only for our own words.
package struct SQL: ExpressibleByStringInterpolation {
    fileprivate enum Piece {
        case text(String)
        case value(SQLValue)
    }

    fileprivate var pieces: [Piece] = []

    package init(stringLiteral text: String) { pieces = [.text(text)] }

    package init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    private init(_ pieces: [Piece]) { self.pieces = pieces }

    /// The values, in order.
    var values: [SQLValue] {
        pieces.compactMap { piece in if case .value(let value) = piece { value } else { nil } }
    }

    /// The text in a dialect: `?1` for SQLite, `$1` for PostgreSQL.
    func text(_ dialect: Dialect) -> String {
        var (text, count) = ("", 0)
        for piece in pieces {
            switch piece {
            case .text(let words): text += words
            case .value:
                count += 1
                text += dialect == .postgres ? "$\(count)" : "?\(count)"
            }
        }
        return text
    }

    static func + (a: SQL, b: SQL) -> SQL { SQL(a.pieces + b.pieces) }
    static func += (a: inout SQL, b: SQL) { a.pieces += b.pieces }

    /// Statements joined by a word.
    static func joined(_ parts: [SQL], by separator: String) -> SQL {
        var joined = SQL([])
        for (at, part) in parts.enumerated() {
            if at > 0 { joined.pieces.append(.text(separator)) }
            joined += part
        }
        return joined
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { pieces.append(.text(literal)) }
        package mutating func appendInterpolation(_ value: String) { pieces.append(.value(.text(value))) }
        package mutating func appendInterpolation(_ value: Int) { pieces.append(.value(.int(value))) }
        package mutating func appendInterpolation(_ value: Double) { pieces.append(.value(.double(value))) }
        package mutating func appendInterpolation(_ value: SQLValue) { pieces.append(.value(value)) }
        package mutating func appendInterpolation(_ other: SQL) { pieces += other.pieces }
        package mutating func appendInterpolation(raw text: String) { pieces.append(.text(text)) }
    }
}

/// A value that goes into a statement or comes out of one.
package enum SQLValue: Sendable {
    case null
    case text(String)
    case int(Int)
    case double(Double)

    package var text: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .int(let value): String(value)
        case .double(let value): value.description
        }
    }

    package var int: Int? {
        switch self {
        case .int(let value): value
        case .text(let text): Int(text)
        case .double(let value): Int(exactly: value)
        case .null: nil
        }
    }

    package var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .text(let text): Double(text)
        case .null: nil
        }
    }

    var bool: Bool { text == "t" || int == 1 }
}

/// The differences between the two databases.
package enum Dialect: Sendable {
    case postgres, sqlite

    /// A column with a moment, as RFC 3339 in UTC with six decimals.
    func moment(_ column: String) -> String {
        switch self {
        case .postgres: #"to_char(\#(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
        case .sqlite: column
        }
    }

    /// The function that finds a text in another; 0 if absent.
    var position: String { self == .postgres ? "strpos" : "instr" }

    /// A member of a JSON column, as text.
    ///
    /// - Parameter name: must have passed ``isName(_:)``.
    func member(_ name: String, of column: String) -> SQL {
        switch self {
        case .postgres: return "(\(raw: column)->>\(name)::text)"
        case .sqlite:
            // SQLite returns 1 for true, and keeps numbers as numbers, which never equal a text.
            let path = "$.\"\(name)\""
            return """
                (CASE json_type(\(raw: column), \(path)) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
                  ELSE CAST(json_extract(\(raw: column), \(path)) AS TEXT) END)
                """
        }
    }

    /// Whether a field's name can be queried: SQLite cannot express a name with a quote or a backslash.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 == 0 }
    }
}
