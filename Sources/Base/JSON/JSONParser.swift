/// Why a text is not JSON, and at which byte.
public struct JSONSyntaxError: Error, Sendable, CustomStringConvertible {
    /// Offset of the offending byte.
    public let offset: Int
    /// What was found, or is missing.
    public let reason: String
    /// Makes an error.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// `reason (byte offset)`
    public var description: String { "\(reason) (byte \(offset))" }
}

extension JSON {
    /// Parses one JSON text (RFC 8259). Strict: no duplicate names, no lone surrogates, no invalid UTF-8, nothing after
    /// the value, no nesting deeper than 64.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        let inPlace = bytes.withContiguousStorageIfAvailable { JSONParser.parse($0) }
        self = try (inPlace ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0) }).get()
    }

    /// Parses one JSON text.
    public init(parsing text: String) throws(JSONSyntaxError) { try self.init(parsing: text.utf8) }
}

/// Parses bytes that stay in place. Every access follows a comparison of `at` with the count, because the buffer itself
/// checks bounds only in debug builds.
struct JSONParser {
    static let deepest = 64

    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSON, JSONSyntaxError> {
        var parser = JSONParser(bytes: bytes)
        do throws(JSONSyntaxError) { return .success(try parser.parseDocument()) } catch { return .failure(error) }
    }

    func fail(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: at, reason: reason) }

    private mutating func parseDocument() throws(JSONSyntaxError) -> JSON {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw fail("unexpected text after the value") }
        return value
    }

    mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSON {
        skipSpace()
        guard depth < Self.deepest else { throw fail("nested too deeply") }
        guard at < bytes.count else { throw fail("the text ends early") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let count = word.utf8CodeUnitCount
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: count)
        guard at + count <= bytes.count, bytes[at..<at + count].elementsEqual(expected) else {
            throw fail("expected \(word)")
        }
        at += count
        return value
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        at += 1
        var object = JSONObject()
        skipSpace()
        if take(UInt8(ascii: "}")) { return object }
        var names = NamesSoFar()
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fail("expected a member's name") }
            let nameAt = at
            let name = try parseString()
            guard names.insert(name, into: object) else {
                throw JSONSyntaxError(offset: nameAt, reason: "the name \"\(name)\" appears twice")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail("expected ':'") }
            object.appendNew(name, try parseValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "}")) { return object }
            guard take(UInt8(ascii: ",")) else { throw fail("expected ',' or '}'") }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSON] {
        at += 1
        var values: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return values }
        while true {
            values.append(try parseValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return values }
            guard take(UInt8(ascii: ",")) else { throw fail("expected ',' or ']'") }
        }
    }
}

/// The names an object has had so far. Small objects are searched linearly; large ones (the header of a tensor file has
/// a member per item) get a set, so that the time does not grow with the square of their size.
private struct NamesSoFar {
    private struct Name: Hashable {
        let text: String

        static func == (a: Name, b: Name) -> Bool { a.text.hasSameBytes(as: b.text) }
        func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
    }

    private static let small = 12
    private var set: Set<Name>?

    /// Records the name of the next member; false if the object has it already.
    mutating func insert(_ name: String, into object: JSONObject) -> Bool {
        if set == nil {
            if object.members.count < Self.small { return object[name] == nil }
            set = Set(object.members.map { Name(text: $0.name) })
        }
        return set?.insert(Name(text: name)).inserted ?? true
    }
}
