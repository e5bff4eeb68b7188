public import Fault
public import JSON

/// Rows in the text format of PostgreSQL's COPY, collected in one buffer that is reused.
///
/// Values are appended column by column; `endRow()` ends a row. Reference: "COPY, Text Format" in PostgreSQL's manual.
public struct CopyRows {
    /// The rows so far.
    private(set) var bytes: [UInt8] = []
    private var isRowEmpty = true
    private var scratch: [UInt8] = []

    /// How many complete rows there are.
    public private(set) var rowCount = 0
    /// How many bytes there are.
    public var byteCount: Int { bytes.count }
    /// Whether there is no row.
    public var isEmpty: Bool { rowCount == 0 }

    /// No rows.
    public init() {}

    /// Appends a text, or NULL. Throws `.damaged` if it holds U+0000, which PostgreSQL cannot store.
    public mutating func append(_ text: String?) throws(Fault) {
        startColumn()
        guard var text else { return appendNull() }
        let isStorable = text.withUTF8 { bytes.append(copyEscaping: $0) }
        guard isStorable else { throw Fault(.damaged, "a text holds U+0000, which PostgreSQL cannot store") }
    }

    /// Appends an integer, or NULL.
    public mutating func append(_ value: Int?) {
        startColumn()
        guard let value else { return appendNull() }
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Appends a floating-point number, or NULL; it reads back the same to the last bit.
    public mutating func append(_ value: Double?) {
        startColumn()
        guard let value else { return appendNull() }
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Appends a JSON object, for a column of type json or jsonb.
    public mutating func append(_ object: JSONObject) throws(Fault) {
        startColumn()
        scratch.removeAll(keepingCapacity: true)
        object.write(.line, to: &scratch)
        // JSON text escapes its control characters, so there is no NUL byte to refuse.
        _ = scratch.withUnsafeBufferPointer { bytes.append(copyEscaping: $0) }
    }

    /// Appends a JSON object as it is written, for a column of type json or jsonb.
    public mutating func append(asWritten object: JSONText) {
        startColumn()
        // A well-formed text holds no NUL byte.
        _ = object.bytes.withUnsafeBufferPointer { bytes.append(copyEscaping: $0) }
    }

    /// Ends the row.
    public mutating func endRow() {
        bytes.append(UInt8(ascii: "\n"))
        isRowEmpty = true
        rowCount += 1
    }

    /// Forgets the rows and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        isRowEmpty = true
        rowCount = 0
    }

    private mutating func startColumn() {
        if !isRowEmpty { bytes.append(UInt8(ascii: "\t")) }
        isRowEmpty = false
    }

    private mutating func appendNull() {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "N"))
    }
}

extension [UInt8] {
    /// Appends a text with backslash escapes; returns false when it holds a NUL.
    fileprivate mutating func append(copyEscaping text: UnsafeBufferPointer<UInt8>) -> Bool {
        var plainFrom = 0
        for (at, byte) in text.enumerated() {
            let escaped: UInt8
            switch byte {
            case UInt8(ascii: "\\"): escaped = byte
            case 0x08: escaped = UInt8(ascii: "b")
            case 0x09: escaped = UInt8(ascii: "t")
            case 0x0A: escaped = UInt8(ascii: "n")
            case 0x0B: escaped = UInt8(ascii: "v")
            case 0x0C: escaped = UInt8(ascii: "f")
            case 0x0D: escaped = UInt8(ascii: "r")
            case 0: return false
            default: continue
            }
            append(contentsOf: text[plainFrom..<at])
            append(UInt8(ascii: "\\"))
            append(escaped)
            plainFrom = at + 1
        }
        append(contentsOf: text[plainFrom...])
        return true
    }
}
