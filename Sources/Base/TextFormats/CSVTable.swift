package import Fault

/// A CSV file as in RFC 4180: a header line, quoted fields with doubled quotes, lines that end in LF, CRLF or CR.
///
/// What spreadsheets leave behind is skipped: a byte order mark, lines of empty cells, columns without a name and
/// without a value. A line that cannot be understood costs no other: it has a problem.
package struct CSVTable {
    /// A line of the table.
    package struct Row {
        /// Its first line in the file.
        package let line: Int
        /// Its cells, one for each of the header's columns as far as it has them.
        package let fields: [String]
        /// What is wrong with it; `nil` if nothing is.
        package let problem: String?
    }

    package let header: [String]
    package let rows: [Row]

    /// - Throws: `.damaged` if there is no header, if it names a column twice, or if a quote is not closed, so that no
    ///   one can say where its row ends.
    package init(_ bytes: [UInt8], path: String) throws(Fault) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Fault(.damaged, "'\(path)' is UTF-16; save it as UTF-8")
        }
        var reader = CSVReader(bytes)
        guard let first = try reader.next(path) else { throw Fault(.damaged, "'\(path)' has no header line") }
        if let problem = first.problem { throw Fault(.damaged, "'\(path)' line \(first.line): \(problem)") }
        let columns = first.fields.indices.filter { !first.fields[$0].isEmpty }
        header = columns.map { first.fields[$0] }
        for (position, name) in header.enumerated()
        where header[..<position].contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            throw Fault(.damaged, "'\(path)' line \(first.line): the column '\(name)' appears twice in the header")
        }
        var rows: [Row] = []
        while let row = try reader.next(path) { rows.append(Self.fit(row, to: columns, of: first.fields.count)) }
        self.rows = rows
    }

    /// Leaves out the cells of columns without a name, which must be empty.
    private static func fit(_ row: Row, to columns: [Int], of width: Int) -> Row {
        let cells = row.fields
        var problem = row.problem
        if let last = columns.last, cells.count <= last {
            problem = problem ?? "the line has \(cells.count) fields, the header has \(width)"
        } else if let extra = cells.indices.first(where: { !cells[$0].isEmpty && !columns.contains($0) }) {
            problem =
                problem
                ?? (extra < width
                    ? "field \(extra + 1) has no name in the header"
                    : "the line has \(cells.count) fields, the header has \(width)")
        }
        let fields = columns.filter(cells.indices.contains).map { cells[$0] }
        return Row(line: row.line, fields: fields, problem: problem)
    }
}

/// Reads a CSV file line by line.
private struct CSVReader {
    private let bytes: [UInt8]
    private var at: Int
    private var line = 1

    private static let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
    private static let (lf, cr) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// The next line that has a cell with text.
    mutating func next(_ path: String) throws(Fault) -> CSVTable.Row? {
        while at < bytes.count {
            let start = line
            var fields: [String] = []
            var problem: String?
            repeat { fields.append(try field(&problem, path)) } while take(Self.comma)
            endLine()
            if problem != nil || fields.contains(where: { !$0.isEmpty }) {
                return CSVTable.Row(line: start, fields: fields, problem: problem)
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func endLine() {
        let hasReturn = take(Self.cr)
        if take(Self.lf) || hasReturn { line += 1 }
    }

    private mutating func field(_ problem: inout String?, _ path: String) throws(Fault) -> String {
        var text: [UInt8] = []
        if take(Self.quote) {
            let start = line
            while true {
                guard let byte = next else { throw Fault(.damaged, "'\(path)' line \(start): a quote is not closed") }
                at += 1
                if byte == Self.quote, !take(Self.quote) { break }
                if byte == Self.lf || (byte == Self.cr && next != Self.lf) { line += 1 }
                text.append(byte)
            }
            if let byte = next, byte != Self.comma, byte != Self.lf, byte != Self.cr {
                problem = problem ?? "text follows a closing quote"
            }
        }
        while let byte = next, byte != Self.comma, byte != Self.lf, byte != Self.cr {
            text.append(byte)
            at += 1
        }
        if let string = String(validating: text, as: UTF8.self) { return string }
        problem = problem ?? "the line is not valid UTF-8"
        return String(decoding: text, as: UTF8.self)
    }
}
