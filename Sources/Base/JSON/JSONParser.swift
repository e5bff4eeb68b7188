/// Why a text is not JSON, and at which byte.
public struct JSONSyntaxError: Error, Sendable, CustomStringConvertible {
    /// Offset of the offending byte.
    public let offset: Int
    /// What was found or missing.
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
        var parser = JSONParser(Array(bytes))
        self = try parser.parseDocument()
    }

    /// Parses one JSON text.
    public init(parsing text: String) throws(JSONSyntaxError) { try self.init(parsing: text.utf8) }
}

private struct JSONParser {
    static let deepest = 64

    let bytes: [UInt8]
    var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func fail(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: at, reason: reason) }

    mutating func parseDocument() throws(JSONSyntaxError) -> JSON {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw fail("something follows the value") }
        return value
    }

    mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
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

    mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let count = word.utf8CodeUnitCount
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: count)
        guard at + count <= bytes.count, bytes[at..<at + count].elementsEqual(expected) else {
            throw fail("expected \(word)")
        }
        at += count
        return value
    }

    mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        at += 1
        var object = JSONObject()
        skipSpace()
        if take(UInt8(ascii: "}")) { return object }
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fail("expected a member's name") }
            let nameAt = at
            let name = try parseString()
            guard object[name] == nil else {
                throw JSONSyntaxError(offset: nameAt, reason: "the name \"\(name)\" stands twice")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail("expected ':'") }
            object.appendNew(name, try parseValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "}")) { return object }
            guard take(UInt8(ascii: ",")) else { throw fail("expected ',' or '}'") }
        }
    }

    mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSON] {
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

    mutating func parseNumber() throws(JSONSyntaxError) -> JSON {
        let start = at
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        func digits() -> Int {
            let from = at
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
            return at - from
        }
        var isInteger = true
        _ = take(UInt8(ascii: "-"))
        let leadingZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(leadingZero && whole > 1) else { throw fail("expected a value") }
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard digits() > 0 else { throw fail("expected digits after '.'") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw fail("expected digits in the exponent") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw JSONSyntaxError(offset: start, reason: "the number \(text) is out of range")
        }
        return .double(value)
    }

    mutating func parseString() throws(JSONSyntaxError) -> String {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 {
            at += 1
        }
        guard at < bytes.count else { throw fail("the string does not end") }
        if take(UInt8(ascii: "\"")) { return try decode(bytes[start..<at - 1], startingAt: start) }
        var unescaped = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw fail("the string does not end") }
            let byte = bytes[at]
            guard byte >= 0x20 else { throw fail("a control character stands unescaped in a string") }
            at += 1
            if byte == UInt8(ascii: "\"") { return try decode(unescaped[...], startingAt: start) }
            if byte == UInt8(ascii: "\\") { try parseEscape(into: &unescaped) } else { unescaped.append(byte) }
        }
    }

    private func decode(_ slice: ArraySlice<UInt8>, startingAt start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONSyntaxError(offset: start, reason: "the string is not valid UTF-8")
        }
        return text
    }

    private mutating func parseEscape(into out: inout [UInt8]) throws(JSONSyntaxError) {
        guard at < bytes.count else { throw fail("the string does not end") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "u"):
            var code = try parseHex()
            if (0xD800..<0xDC00).contains(code) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fail("a surrogate stands alone") }
                let low = try parseHex()
                guard (0xDC00..<0xE000).contains(low) else { throw fail("a surrogate stands alone") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fail("a surrogate stands alone") }
            out.append(contentsOf: String(Character(scalar)).utf8)
        default: throw fail("unknown escape")
        }
    }

    private mutating func parseHex() throws(JSONSyntaxError) -> UInt32 {
        guard at + 4 <= bytes.count else { throw fail("the string does not end") }
        var value: UInt32 = 0
        for byte in bytes[at..<at + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fail("expected four hex digits")
            }
            value = value << 4 | UInt32(digit)
        }
        at += 4
        return value
    }
}
