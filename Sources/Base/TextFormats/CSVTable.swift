package import Fault

/// A CSV file as in RFC 4180: a header line, quoted fields with doubled quotes, LF or CRLF.
package struct CSVTable {
    package let header: [String]
    package let rows: [(line: Int, fields: [String])]

    package init(_ bytes: [UInt8], path: String) throws(Fault) {
        var records: [(line: Int, fields: [String])] = []
        var (line, at) = (1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        while at < bytes.count {
            let start = line
            var fields: [String] = []
            var more = true
            while more {
                let field = try Self.field(bytes, &at, &line, path)
                fields.append(field)
                more = at < bytes.count && bytes[at] == UInt8(ascii: ",")
                if more { at += 1 }
            }
            if at < bytes.count, bytes[at] == UInt8(ascii: "\r") { at += 1 }
            if at < bytes.count {
                guard bytes[at] == UInt8(ascii: "\n") else {
                    throw Fault(.damaged, "'\(path)' line \(line): text follows a closing quote")
                }
                at += 1
                line += 1
            }
            if fields != [""] { records.append((start, fields)) }
        }
        guard let first = records.first else { throw Fault(.damaged, "'\(path)' has no header line") }
        header = first.fields
        for (position, name) in header.enumerated()
        where header[..<position].contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            throw Fault(.damaged, "'\(path)' line \(first.line): the column '\(name)' appears twice in the header")
        }
        rows = Array(records.dropFirst())
        for row in rows where row.fields.count != header.count {
            throw Fault(
                .damaged, "'\(path)' line \(row.line) has \(row.fields.count) fields, the header has \(header.count)")
        }
    }

    private static func field(
        _ bytes: [UInt8], _ at: inout Int, _ line: inout Int, _ path: String
    ) throws(Fault) -> String {
        var text: [UInt8] = []
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
            let start = line
            at += 1
            while true {
                guard at < bytes.count else { throw Fault(.damaged, "'\(path)' line \(start): a quote is not closed") }
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") {
                    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { break }
                    at += 1
                }
                if byte == UInt8(ascii: "\n") { line += 1 }
                text.append(byte)
            }
        } else {
            while at < bytes.count, case let byte = bytes[at], byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"),
                byte != UInt8(ascii: "\r")
            {
                text.append(byte)
                at += 1
            }
        }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw Fault(.damaged, "'\(path)' line \(line) is not valid UTF-8")
        }
        return string
    }
}
