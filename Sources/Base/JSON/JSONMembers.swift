extension JSON {
    /// Walks over the members of one JSON object and hands over each name and value as they are written.
    ///
    /// Nothing is built, so whoever needs little of a line, or passes it on as it stands, pays for little. All of it is
    /// checked to be well formed (RFC 8259), but a name may stand twice, and names are compared as written, with their
    /// escapes. The buffers are valid during the call.
    public static func forEachMember(
        of bytes: UnsafeBufferPointer<UInt8>,
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) ->
            Void
    ) throws(JSONSyntaxError) {
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw JSONSyntaxError(offset: 0, reason: "the text is not valid UTF-8")
        }
        var parser = JSONParser(bytes: bytes)
        parser.skipSpace()
        guard parser.at < bytes.count, bytes[parser.at] == UInt8(ascii: "{") else {
            throw parser.fail("the text is no object")
        }
        try parser.walkMembers(depth: 0, body)
        parser.skipSpace()
        guard parser.at == bytes.count else { throw parser.fail("something follows the value") }
    }
}

extension JSONParser {
    fileprivate mutating func walkMembers(
        depth: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        at += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fail("expected a member's name") }
            let nameAt = at + 1
            try skipString()
            let name = UnsafeBufferPointer(rebasing: bytes[nameAt..<at - 1])
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail("expected ':'") }
            skipSpace()
            let valueAt = at
            try skipValue(depth: depth + 1)
            try body(name, UnsafeBufferPointer(rebasing: bytes[valueAt..<at]))
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail("expected ',' or '}'") }
        }
    }

    private mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        skipSpace()
        guard depth < Self.deepest else { throw fail("nested too deeply") }
        guard at < bytes.count else { throw fail("the text ends early") }
        switch bytes[at] {
        case UInt8(ascii: "{"): try walkMembers(depth: depth) { (_, _) in }
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "\""): try skipString()
        // Words and numbers need no memory to be parsed.
        default: _ = try parseValue(depth: depth)
        }
    }

    private mutating func skipArray(depth: Int) throws(JSONSyntaxError) {
        at += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            try skipValue(depth: depth + 1)
            skipSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail("expected ',' or ']'") }
        }
    }

    /// Goes on behind a string's closing quote.
    private mutating func skipString() throws(JSONSyntaxError) {
        let start = at
        at += 1
        skipPlain()
        if take(UInt8(ascii: "\"")) { return }
        // Strings with escapes are few: those are looked at as closely as if they were kept.
        at = start
        _ = try parseString()
    }
}

/// One JSON object as it is written, to be passed on without a look inside.
public struct JSONText: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The text, in UTF-8.
    public let bytes: [UInt8]

    /// Takes a text that is known to be one well-formed object.
    public init(asWritten bytes: UnsafeBufferPointer<UInt8>) { self.bytes = Array(bytes) }

    /// Writes an object on one line.
    public init(_ object: JSONObject) { bytes = JSON.object(object).bytes(.line) }

    /// Writes an object of the given members.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self.init(object)
    }

    /// The text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
