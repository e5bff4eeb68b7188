/// Why a text is not the expected XML.
package struct XMLError: Error, CustomStringConvertible {
    package let description: String
}

/// A small strict pull parser for the XML that object stores send: elements, attributes (skipped), text, the five named
/// and the numeric character references, CDATA and comments. A document type is refused: no store sends one, and its
/// entities are the attack surface of every larger parser.
package struct XMLReader {
    package enum Event: Equatable {
        /// `<name …>`; the namespace prefix is dropped.
        case start(String)
        /// `</name>`, or the second half of `<name/>`.
        case end(String)
        /// Character data with references resolved.
        case text(String)
    }

    private let bytes: [UInt8]
    private var at = 0
    private var open: [String] = []
    private var pendingEnd: String?
    private var hasRoot = false

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    /// The next event; `nil` after the root element has ended.
    package mutating func next() throws(XMLError) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name)
        }
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "<") {
                let text = try characters()
                if !open.isEmpty { return .text(text) }
                guard text.utf8.allSatisfy({ $0 <= 0x20 }) else {
                    throw fail("text is outside the root element")
                }
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<?") {
                try skip(past: "?>")
            } else if starts("<![CDATA["), !open.isEmpty {
                let start = at + 9
                try skip(past: "]]>")
                return .text(try text(bytes[start..<at - 3]))
            } else if starts("<!") {
                throw fail("a document type is not accepted")
            } else if starts("</") {
                return try endTag()
            } else {
                return try startTag()
            }
        }
        guard open.isEmpty, hasRoot else { throw fail("the document ends early") }
        return nil
    }

    private func fail(_ reason: String) -> XMLError { XMLError(description: "\(reason) (byte \(at))") }

    private func starts(_ text: StaticString) -> Bool {
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes.count - at >= expected.count && bytes[at..<at + expected.count].elementsEqual(expected)
    }

    private mutating func skip(past end: StaticString) throws(XMLError) {
        while at < bytes.count {
            if starts(end) {
                at += end.utf8CodeUnitCount
                return
            }
            at += 1
        }
        throw fail("'\(end)' is missing")
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(XMLError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw fail("the text is not valid UTF-8") }
        return text
    }

    private mutating func name() throws(XMLError) -> String {
        var start = at
        while at < bytes.count, !Self.endsName(bytes[at]) {
            if bytes[at] == UInt8(ascii: ":") { start = at + 1 }
            at += 1
        }
        guard at > start else { throw fail("a name is missing") }
        return try text(bytes[start..<at])
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        byte <= 0x20
            || [UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: "\"")]
                .contains(byte)
    }

    private mutating func skipSpace() { while at < bytes.count, bytes[at] <= 0x20 { at += 1 } }

    private mutating func startTag() throws(XMLError) -> Event {
        guard !(open.isEmpty && hasRoot) else { throw fail("a second root element") }
        at += 1
        let name = try name()
        hasRoot = true
        while true {
            skipSpace()
            guard at < bytes.count else { throw fail("the tag '\(name)' does not end") }
            if bytes[at] == UInt8(ascii: ">") {
                at += 1
                open.append(name)
                return .start(name)
            }
            if starts("/>") {
                at += 2
                pendingEnd = name
                return .start(name)
            }
            try skipAttribute()
        }
    }

    private mutating func skipAttribute() throws(XMLError) {
        _ = try name()
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { throw fail("an attribute has no value") }
        at += 1
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'"),
            let close = bytes[(at + 1)...].firstIndex(of: bytes[at])
        else { throw fail("an attribute's value is not quoted") }
        at = close + 1
    }

    private mutating func endTag() throws(XMLError) -> Event {
        at += 2
        let name = try name()
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ">") else { throw fail("the end tag '\(name)' does not end") }
        at += 1
        guard open.popLast() == name else { throw fail("the end tag '\(name)' closes another element") }
        return .end(name)
    }

    private mutating func characters() throws(XMLError) -> String {
        var out: [UInt8] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") {
            if bytes[at] == UInt8(ascii: "&") {
                out.append(contentsOf: try reference().utf8)
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return try text(out[...])
    }

    private mutating func reference() throws(XMLError) -> String {
        guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw fail("an unescaped '&'")
        }
        let name = String(decoding: bytes[at + 1..<end], as: UTF8.self)
        let resolved: String? =
            switch name {
            case "amp": "&"
            case "lt": "<"
            case "gt": ">"
            case "quot": "\""
            case "apos": "'"
            case _ where name.hasPrefix("#x"):
                UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init).map { String($0) }
            case _ where name.hasPrefix("#"):
                UInt32(name.dropFirst(1)).flatMap(Unicode.Scalar.init).map { String($0) }
            default: nil
            }
        guard let resolved else { throw fail("the reference '&\(name);' is unknown") }
        at = end + 1
        return resolved
    }
}
