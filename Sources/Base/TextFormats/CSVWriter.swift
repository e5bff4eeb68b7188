/// Writes CSV as RFC 4180 has it, safe to open in a spreadsheet.
package enum CSVWriter {
    /// What ends a row.
    package static let endOfRow: [UInt8] = [0x0D, 0x0A]

    /// Writes a cell, in quotes where it needs them. Texts come from outside, and a spreadsheet must not execute them: one that
    /// it would take for a formula begins with `'` (OWASP, "CSV Injection").
    package static func write(cell text: String, to out: inout [UInt8]) {
        var text = text
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { text = "'" + text }
        guard text.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else {
            out += text.utf8
            return
        }
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { out.append(byte) }
            out.append(byte)
        }
        out.append(UInt8(ascii: "\""))
    }
}
