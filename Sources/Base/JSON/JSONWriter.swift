/// How a value is laid out as text. In every layout, numbers are the shortest that read back the same; those that no
/// machine number represents are as they were written.
public enum JSONLayout: Sendable {
    /// One line, members in their own order, `", "` and `": "` as separators: the ledger's lines.
    case line
    /// One line, no spaces, members sorted by the UTF-8 bytes of their names: the input of digests.
    case canonical
    /// One line, no spaces, members in their own order.
    case compact
    /// Indented by two spaces, for files that people open.
    case pretty

    var hasSpaces: Bool { self == .line || self == .pretty }
}

extension JSON {
    /// The value as UTF-8 bytes. Infinities and NaN, which JSON cannot represent, are written as `null`.
    public func bytes(_ layout: JSONLayout) -> [UInt8] {
        var out: [UInt8] = []
        write(layout, to: &out)
        return out
    }

    /// The value as text.
    public func text(_ layout: JSONLayout) -> String { String(decoding: bytes(layout), as: UTF8.self) }

    /// Appends the value's text to a buffer.
    public func write(_ layout: JSONLayout, to out: inout [UInt8], indent: Int = 0) {
        switch self {
        case .null: out.append(ascii: "null")
        case .bool(let value): out.append(ascii: value ? "true" : "false")
        case .int(let value): out.append(ascii: String(value))
        case .double(let value): out.append(number: value)
        case .digits(let text): out.append(ascii: text)
        case .string(let value): out.append(jsonString: value)
        case .array(let values): writeArray(values, layout, &out, indent)
        case .object(let object): object.write(layout, to: &out, indent: indent)
        }
    }

    private func writeArray(_ values: [JSON], _ layout: JSONLayout, _ out: inout [UInt8], _ indent: Int) {
        // Arrays of plain values stay on one line in the pretty layout too, because they are read as one thing.
        let spread = layout == .pretty && values.contains { $0.object != nil || $0.array != nil }
        out.append(UInt8(ascii: "["))
        for (position, value) in values.enumerated() {
            if position > 0 {
                out.append(UInt8(ascii: ","))
                if layout.hasSpaces && !spread { out.append(UInt8(ascii: " ")) }
            }
            if spread { out.append(newlineAndIndent: indent + 1) }
            value.write(layout, to: &out, indent: indent + 1)
        }
        if spread { out.append(newlineAndIndent: indent) }
        out.append(UInt8(ascii: "]"))
    }
}

extension JSONObject {
    /// Appends the object's text to a buffer.
    public func write(_ layout: JSONLayout, to out: inout [UInt8], indent: Int = 0) {
        let ordered =
            layout == .canonical ? members.sorted { $0.name.precedesByBytes($1.name) } : members
        out.append(UInt8(ascii: "{"))
        for (position, member) in ordered.enumerated() {
            if position > 0 {
                out.append(UInt8(ascii: ","))
                if layout == .line { out.append(UInt8(ascii: " ")) }
            }
            if layout == .pretty { out.append(newlineAndIndent: indent + 1) }
            out.append(jsonString: member.name)
            out.append(UInt8(ascii: ":"))
            if layout.hasSpaces { out.append(UInt8(ascii: " ")) }
            member.value.write(layout, to: &out, indent: indent + 1)
        }
        if layout == .pretty && !ordered.isEmpty { out.append(newlineAndIndent: indent) }
        out.append(UInt8(ascii: "}"))
    }
}

extension [UInt8] {
    fileprivate mutating func append(ascii text: String) { append(contentsOf: text.utf8) }

    fileprivate mutating func append(newlineAndIndent indent: Int) {
        append(UInt8(ascii: "\n"))
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    }

    /// Appends the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on, as Python
    /// does.
    fileprivate mutating func append(number value: Double) {
        guard value.isFinite else { return append(ascii: "null") }
        // Swift switches to exponents at 2^53; up to 1e16 every double is an integer.
        let isPlain = abs(value) >= 0x1p53 && abs(value) < 1e16
        append(ascii: isPlain ? "\(Int64(value)).0" : value.description)
    }

    /// Appends a quoted string; escapes only what JSON requires, so that text stays readable.
    fileprivate mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            // Stretches without escapes are copied whole.
            var runStart = 0
            for (at, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<at]))
                append(escaped: byte)
                runStart = at + 1
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart...]))
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(ascii: "\\\"")
        case UInt8(ascii: "\\"): append(ascii: "\\\\")
        case 0x0A: append(ascii: "\\n")
        case 0x0D: append(ascii: "\\r")
        case 0x09: append(ascii: "\\t")
        case 0x08: append(ascii: "\\b")
        case 0x0C: append(ascii: "\\f")
        default:
            append(ascii: "\\u00")
            append(hexDigit: byte >> 4)
            append(hexDigit: byte & 15)
        }
    }

    private mutating func append(hexDigit value: UInt8) {
        append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }
}
