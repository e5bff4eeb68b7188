/// The line of each key of a TOML text.
///
/// The parser reports lines for syntax errors only, so this scans the same text again, for keys alone. It is meant for
/// texts that the parser has accepted; on any other it stops early and finds fewer lines, so that a message has none.
package struct KeyLines: Sendable {
    private var found: [[String]: (line: Int, rank: Int)] = [:]
    /// Where a table's name is missing; the scan ends there.
    private(set) var namelessTable: (line: Int, column: Int)?

    /// How many tables each array of tables has so far.
    private var lengths: [[String]: Int] = [:]
    /// Values nested more deeply than the parser allows are not scanned.
    private static let deepest = 256

    /// The path component of an array's element, counted from 0.
    package static func element(_ position: Int) -> String { "[\(position)]" }

    /// Finds the keys of a text: table headers, dotted keys, the keys of inline tables and those in arrays.
    package init(of text: String) {
        var scanner = TOMLScanner(text)
        var table: [String] = []
        while scanner.skipToNextStatement() {
            let line = scanner.line
            if scanner.take("[") {
                let isElement = scanner.take("[")
                scanner.skipSpace()
                guard scanner.isAtKey else {
                    namelessTable = (scanner.line, scanner.column)
                    return
                }
                guard let path = scanner.readKeyPath(), scanner.take("]") else { return }
                _ = scanner.take("]")
                table = open(path, line, isElement: isElement)
            } else {
                guard readPair(&scanner, in: table) else { return }
            }
        }
    }

    /// The line of a key, counted from 1; `nil` for a key that is not in the text.
    package func line(of path: [String]) -> Int? { found[path]?.line }

    /// The position of a key among all keys of the text.
    func rank(of path: [String]) -> Int { found[path]?.rank ?? .max }

    /// Opens the table of a header, in the newest element of each array of tables on the way.
    private mutating func open(_ path: [String], _ line: Int, isElement: Bool) -> [String] {
        var table: [String] = []
        for (depth, part) in path.enumerated() {
            table.append(part)
            if depth < path.count - 1, let length = lengths[table] { table.append(Self.element(length - 1)) }
        }
        if isElement {
            let length = lengths[table, default: 0]
            lengths[table] = length + 1
            table.append(Self.element(length))
        }
        record(table, line)
        return table
    }

    private mutating func record(_ path: [String], _ line: Int) {
        for count in 1...path.count {
            let prefix = Array(path.prefix(count))
            if found[prefix] == nil { found[prefix] = (line, found.count) }
        }
    }

    private mutating func readPair(_ scanner: inout TOMLScanner, in table: [String]) -> Bool {
        let line = scanner.line
        guard let path = scanner.readKeyPath(), scanner.take("=") else { return false }
        record(table + path, line)
        return readValue(&scanner, of: table + path)
    }

    private mutating func readValue(_ scanner: inout TOMLScanner, of path: [String]) -> Bool {
        scanner.skipSpace()
        guard path.count <= Self.deepest else { return false }
        if scanner.take("{") {
            record(path, scanner.line)
            while true {
                scanner.skipSpaceAndLines()
                if scanner.take("}") { return true }
                if scanner.take(",") { continue }
                guard readPair(&scanner, in: path) else { return false }
            }
        }
        if scanner.take("[") {
            var position = 0
            while true {
                scanner.skipSpaceAndLines()
                if scanner.take("]") { return true }
                if scanner.take(",") { continue }
                guard readValue(&scanner, of: path + [Self.element(position)]) else { return false }
                position += 1
            }
        }
        return scanner.skipScalar()
    }
}
