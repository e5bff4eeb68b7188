internal import Glibc

extension JSON {
    /// Calls the body with the name and value of each member of one JSON object, as written.
    ///
    /// No values are built, so a caller that needs little of a line, or passes it on unchanged, pays little. Refuses
    /// what ``JSON/init(parsing:)`` refuses, though possibly after some members were passed. Names keep their escapes.
    /// The buffers are valid during the call.
    public static func forEachMember(
        of bytes: UnsafeBufferPointer<UInt8>,
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) ->
            Void
    ) throws(JSONSyntaxError) {
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw JSONSyntaxError(offset: 0, reason: "the text is not valid UTF-8")
        }
        var walker = JSONWalker(parser: JSONParser(bytes: bytes))
        walker.parser.skipSpace()
        guard walker.next == UInt8(ascii: "{") else { throw walker.parser.fail("the text is not an object") }
        try walker.walkObject(depth: 0, body)
        walker.parser.skipSpace()
        guard walker.next == nil else { throw walker.parser.fail("unexpected text after the value") }
    }
}

/// Skips over values without building them.
private struct JSONWalker {
    var parser: JSONParser
    /// The names of the open objects, innermost last. Objects with too many names for this, and those whose names
    /// contain escapes, are left to the parser.
    private var names = InlineArray<64, Range<Int>>(repeating: 0..<0)
    private var nameCount = 0

    init(parser: JSONParser) { self.parser = parser }

    /// The next byte; `nil` at the end.
    var next: UInt8? { parser.at < parser.bytes.count ? parser.bytes[parser.at] : nil }

    mutating func walkObject(
        depth: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        let start = parser.at
        parser.at += 1
        parser.skipSpace()
        if parser.take(UInt8(ascii: "}")) { return }
        let outerNames = nameCount
        var areNamesCompared = true
        while true {
            parser.skipSpace()
            guard next == UInt8(ascii: "\"") else { throw parser.fail("expected a member's name") }
            let nameAt = parser.at + 1
            let isPlain = try skipString()
            let name = nameAt..<parser.at - 1
            areNamesCompared = areNamesCompared && isPlain && nameCount < names.count
            if areNamesCompared { try note(name, after: outerNames) }
            parser.skipSpace()
            guard parser.take(UInt8(ascii: ":")) else { throw parser.fail("expected ':'") }
            parser.skipSpace()
            let valueAt = parser.at
            try skipValue(depth: depth + 1)
            try body(
                UnsafeBufferPointer(rebasing: parser.bytes[name]),
                UnsafeBufferPointer(rebasing: parser.bytes[valueAt..<parser.at]))
            parser.skipSpace()
            if parser.take(UInt8(ascii: "}")) { break }
            guard parser.take(UInt8(ascii: ",")) else { throw parser.fail("expected ',' or '}'") }
        }
        nameCount = outerNames
        if !areNamesCompared {
            parser.at = start
            _ = try parser.parseValue(depth: depth)
        }
    }

    /// Records a name of the innermost object, whose names begin at `first`.
    private mutating func note(_ name: Range<Int>, after first: Int) throws(JSONSyntaxError) {
        for earlier in first..<nameCount where names[earlier].count == name.count {
            guard !parser.bytes[names[earlier]].elementsEqual(parser.bytes[name]) else {
                let text = String(decoding: parser.bytes[name], as: UTF8.self)
                throw JSONSyntaxError(offset: name.lowerBound - 1, reason: "the name \"\(text)\" appears twice")
            }
        }
        names[nameCount] = name
        nameCount += 1
    }

    private mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        guard depth < JSONParser.deepest else { throw parser.fail("nested too deeply") }
        switch next {
        case UInt8(ascii: "{"): try walkObject(depth: depth) { (_, _) in }
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "\""): _ = try skipString()
        // Literals, and numbers that need a range check, can be parsed without allocating memory.
        default: if !skipShortNumber() { _ = try parser.parseValue(depth: depth) }
        }
    }

    private mutating func skipArray(depth: Int) throws(JSONSyntaxError) {
        parser.at += 1
        parser.skipSpace()
        if parser.take(UInt8(ascii: "]")) { return }
        while true {
            parser.skipSpace()
            try skipValue(depth: depth + 1)
            parser.skipSpace()
            if parser.take(UInt8(ascii: "]")) { return }
            guard parser.take(UInt8(ascii: ",")) else { throw parser.fail("expected ',' or ']'") }
        }
    }

    /// Skips a number so short, and without an exponent, that it is surely in range; false for any other.
    private mutating func skipShortNumber() -> Bool {
        let start = parser.at
        _ = parser.take(UInt8(ascii: "-"))
        let hasLeadingZero = next == UInt8(ascii: "0")
        let whole = skipDigits()
        var isNumber = (1...15).contains(whole) && !(hasLeadingZero && whole > 1)
        if parser.take(UInt8(ascii: ".")) { isNumber = isNumber && skipDigits() > 0 }
        if isNumber, next.map({ $0 | 0x20 }) != UInt8(ascii: "e") { return true }
        parser.at = start
        return false
    }

    private mutating func skipDigits() -> Int {
        let start = parser.at
        while let byte = next, byte &- UInt8(ascii: "0") < 10 { parser.at += 1 }
        return parser.at - start
    }

    /// Skips past a string's closing quote; returns whether the string contains no escapes.
    private mutating func skipString() throws(JSONSyntaxError) -> Bool {
        let start = parser.at
        parser.at += 1
        parser.skipPlain()
        if parser.take(UInt8(ascii: "\"")) { return true }
        // Strings with escapes are rare: check them by parsing them.
        parser.at = start
        _ = try parser.parseString()
        return false
    }
}

/// One JSON object as it was written, to be passed on without parsing.
public struct JSONText: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The text, in UTF-8.
    public let bytes: [UInt8]

    /// Wraps a text known to be one well-formed object.
    public init(asWritten bytes: UnsafeBufferPointer<UInt8>) { self.bytes = Array(bytes) }

    /// Writes an object on one line.
    public init(_ object: JSONObject) { bytes = JSON.object(object).bytes(.line) }

    /// Writes an object of the given members.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self.init(object)
    }

    /// Whether any of its strings contains an escape.
    public var hasEscapes: Bool {
        bytes.withUnsafeBytes { text in text.baseAddress.map { memchr($0, 0x5C, text.count) != nil } ?? false }
    }

    /// The text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
