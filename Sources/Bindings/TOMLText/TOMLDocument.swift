import TOMLKit
internal import Time

/// A TOML text as a tree, with the line of every key.
package struct TOMLDocument: Sendable {
    package let root: TOMLMembers
    package let lines: KeyLines

    /// Why a text is not TOML, and where. Lines and columns count from 1.
    package struct SyntaxError: Error {
        package let line: Int
        package let column: Int
        package let reason: String
    }

    /// Parses a text (TOML 1.0).
    package init(parsing text: String) throws(SyntaxError) {
        // The underlying parser reads C strings and would silently stop at a NUL, escaped or not.
        for nul in ["\0", "\\u0000", "\\U00000000"] {
            if let found = text.unicodeScalars.firstRange(of: nul.unicodeScalars) {
                let before = text.unicodeScalars[..<found.lowerBound]
                let line = before.count { $0 == "\n" } + 1
                let column = before.reversed().prefix { $0 != "\n" }.count + 1
                throw SyntaxError(line: line, column: column, reason: "a NUL character is not allowed in this file")
            }
        }
        lines = KeyLines(of: text)
        // The underlying parser assumes that a name follows, and ends the process if none does.
        if let place = lines.namelessTable {
            throw SyntaxError(
                line: place.line, column: place.column,
                reason: "a table's name must begin with a letter, a digit, '_', '-' or a quote")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw SyntaxError(
                line: error.source.begin.line, column: error.source.begin.column,
                reason: error.description.prefix(1).lowercased() + error.description.dropFirst())
        } catch {
            throw SyntaxError(line: 1, column: 1, reason: "\(error)")
        }
        root = Self.members(of: table, at: [], lines)
    }

    /// The value that a text stands for on the right of an equals sign, `nil` if it stands for none.
    package static func value(parsing text: String) -> TOMLNode? {
        guard let document = try? TOMLDocument(parsing: "value = " + text) else { return nil }
        // A line break in the text could smuggle in further keys.
        guard document.root.members.count == 1 else { return nil }
        return document.root["value"]
    }

    /// The parser sorts keys by name; people expect their own order.
    private static func members(of table: TOMLTable, at path: [String], _ lines: KeyLines) -> TOMLMembers {
        let members = zip(table.keys, table.values).map { name, value in
            (name: name, node: node(of: value, at: path + [name], lines))
        }
        return TOMLMembers(members.sorted { lines.rank(of: path + [$0.name]) < lines.rank(of: path + [$1.name]) })
    }

    private static func node(of value: any TOMLValueConvertible, at path: [String], _ lines: KeyLines) -> TOMLNode {
        if let text = value.string { return .string(text) }
        if let number = value.int { return .int(Int64(number)) }
        if let number = value.double { return .double(number) }
        if let truth = value.bool { return .bool(truth) }
        if let table = value.table { return .table(members(of: table, at: path, lines)) }
        if let array = value.array {
            return .array(array.enumerated().map { node(of: $1, at: path + [KeyLines.element($0)], lines) })
        }
        if let moment = value.dateTime { return .moment(text(of: moment)) }
        if let day = value.date { return .moment(text(of: day)) }
        if let time = value.time { return .moment(text(of: time)) }
        return .moment(value.debugDescription)
    }

    private static func text(of moment: TOMLDateTime) -> String {
        var text = text(of: moment.date) + "T" + text(of: moment.time)
        if let minutes = moment.offset?.offset {
            let distance = abs(minutes)
            text +=
                minutes == 0
                ? "Z" : "\(minutes < 0 ? "-" : "+")\((distance / 60).padded(to: 2)):\((distance % 60).padded(to: 2))"
        }
        return text
    }

    private static func text(of day: TOMLDate) -> String {
        "\(day.year.padded(to: 4))-\(day.month.padded(to: 2))-\(day.day.padded(to: 2))"
    }

    private static func text(of time: TOMLTime) -> String {
        let whole = "\(time.hour.padded(to: 2)):\(time.minute.padded(to: 2)):\(time.second.padded(to: 2))"
        if time.nanoSecond == 0 { return whole }
        var fraction = time.nanoSecond.padded(to: 9)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}
