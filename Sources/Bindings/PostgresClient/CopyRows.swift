public import Fault
public import JSON

/// Rows in the binary format of PostgreSQL's COPY, collected in one buffer that is reused.
///
/// Values are appended column by column, each of exactly its column's type: the server takes the bytes unchanged. It
/// therefore neither searches for the ends of values nor parses numbers and times, and nothing is escaped here.
/// Reference: "COPY, Binary Format" in PostgreSQL's manual.
public struct CopyRows {
    /// The rows so far.
    private(set) var bytes: [UInt8] = []
    private let columns: Int16
    private var isRowEmpty = true
    private var scratch: [UInt8] = []

    /// What precedes and follows the rows of a statement.
    static let header = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    /// The number of complete rows.
    public private(set) var rowCount = 0
    /// The number of bytes.
    public var byteCount: Int { bytes.count }
    /// Whether there are no rows.
    public var isEmpty: Bool { rowCount == 0 }

    /// Starts with no rows, for a number of columns.
    public init(columns: Int) { self.columns = Int16(columns) }

    /// Appends a value of type text, or NULL. Throws `.damaged` if it contains U+0000, which PostgreSQL cannot store.
    public mutating func append(_ text: String?) throws(Fault) {
        startColumn()
        guard var text else { return appendNull() }
        let isStorable = text.withUTF8 { utf8 in
            bytes.append(bigEndian: Int32(utf8.count))
            bytes.append(contentsOf: utf8)
            return !utf8.contains(0)
        }
        guard isStorable else { throw Fault(.damaged, "a text holds U+0000, which PostgreSQL cannot store") }
    }

    /// Appends a value of type bigint, or NULL.
    public mutating func append(_ value: Int?) {
        startColumn()
        guard let value else { return appendNull() }
        append(eightBytes: Int64(value))
    }

    /// Appends a value of type double precision, or NULL; it reads back the same to the last bit.
    public mutating func append(_ value: Double?) {
        startColumn()
        guard let value else { return appendNull() }
        append(eightBytes: Int64(bitPattern: value.bitPattern))
    }

    /// Appends a value of type timestamptz, or NULL, given as microseconds since the start of 1970 in UTC.
    public mutating func append(microsecondsSince1970 value: Int?) {
        startColumn()
        guard let value else { return appendNull() }
        // PostgreSQL counts from the start of 2000.
        append(eightBytes: Int64(value) - 946_684_800_000_000)
    }

    /// Appends an object as a value of type jsonb.
    public mutating func append(_ object: JSONObject) {
        scratch.removeAll(keepingCapacity: true)
        object.write(.line, to: &scratch)
        append(json: scratch)
    }

    /// Appends an object, as written, as a value of type jsonb.
    public mutating func append(_ object: JSONText) { append(json: object.bytes) }

    /// Appends a value of type jsonb.
    public mutating func append(json value: JSON) { append(json: value.bytes(.line)) }

    /// Ends the row.
    public mutating func endRow() {
        isRowEmpty = true
        rowCount += 1
    }

    /// Discards the rows and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        isRowEmpty = true
        rowCount = 0
    }

    private mutating func startColumn() {
        if isRowEmpty { bytes.append(bigEndian: columns) }
        isRowEmpty = false
    }

    private mutating func appendNull() { bytes.append(bigEndian: Int32(-1)) }

    private mutating func append(eightBytes value: Int64) {
        bytes.append(bigEndian: Int32(8))
        bytes.append(bigEndian: value)
    }

    private mutating func append(json text: [UInt8]) {
        startColumn()
        bytes.append(bigEndian: Int32(text.count + 1))
        // The version of jsonb's wire format.
        bytes.append(1)
        bytes.append(contentsOf: text)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
