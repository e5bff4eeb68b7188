/// The line of each key of a TOML text.
///
/// The parser reports lines for syntax errors only, so this scans the same text again, for keys alone. It is meant for
/// texts that the parser has accepted; on any other it stops early and finds fewer lines, so that a message has none.
package struct KeyLines: Sendable {
    private var found: [[String]: (line: Int, rank: Int)] = [:]
    /// Where a table's name is missing; the scan ends there.
    private(set) var namelessTable: (line: Int, column: Int)?

    /// Finds the keys of a text: table headers, dotted keys and the keys of inline tables. What stands in an array is
    /// known by the array's key.
    package init(of text: String) {
        var scanner = TOMLScanner(text)
        var table: [String] = []
        while scanner.skipToNextStatement() {
            let line = scanner.line
            if scanner.take("[") {
                _ = scanner.take("[")
                scanner.skipSpace()
                guard scanner.isAtKey else {
                    namelessTable = (scanner.line, scanner.column)
                    return
                }
                guard let path = scanner.readKeyPath(), scanner.take("]") else { return }
                _ = scanner.take("]")
                table = path
                record(path, line)
            } else {
                guard readPair(&scanner, in: table) else { return }
            }
        }
    }

    /// The line of a key, counted from 1; `nil` for a key that is not in the text.
    package func line(of path: [String]) -> Int? { found[path]?.line }

    /// The position of a key among all keys of the text.
    func rank(of path: [String]) -> Int { found[path]?.rank ?? .max }

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
        if scanner.take("{") {
            while true {
                scanner.skipSpaceAndLines()
                if scanner.take("}") { return true }
                if scanner.take(",") { continue }
                guard readPair(&scanner, in: path) else { return false }
            }
        }
        return scanner.skipValue()
    }
}
