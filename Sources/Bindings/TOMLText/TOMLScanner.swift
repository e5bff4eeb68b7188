/// A cursor over a TOML text that reads keys and skips values.
package struct TOMLScanner {
    private let bytes: [UInt8]
    private var at = 0
    /// The line of the cursor, counted from 1.
    package private(set) var line = 1

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Whether everything has been read.
    package var isAtEnd: Bool { at == bytes.count }

    /// The column of the cursor, in characters, counted from 1.
    package var column: Int {
        let lineStart = bytes[..<at].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[lineStart..<at], as: UTF8.self).unicodeScalars.count + 1
    }

    /// Whether a key can begin here.
    package var isAtKey: Bool {
        next.map { Self.isBare($0) || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") } ?? false
    }

    /// The rest of the text.
    package var rest: String { String(decoding: bytes[at...], as: UTF8.self) }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func advance() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }

    /// Skips spaces and then the given character, if it is next.
    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    /// Skips spaces and tabs.
    package mutating func skipSpace() {
        while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { at += 1 }
    }

    /// Skips spaces, line ends and comments.
    package mutating func skipSpaceAndLines() {
        while let byte = next {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): while let byte = next, byte != UInt8(ascii: "\n") { at += 1 }
            default: return
            }
        }
    }

    /// Moves to the next header or key; false at the end.
    package mutating func skipToNextStatement() -> Bool {
        skipSpaceAndLines()
        return !isAtEnd
    }

    /// Reads `a.b."c d"`; `nil` if there is no key here.
    package mutating func readKeyPath() -> [String]? {
        var path: [String] = []
        repeat {
            skipSpace()
            guard let part = readKeyPart() else { return nil }
            path.append(part)
        } while take(".")
        return path
    }

    private mutating func readKeyPart() -> String? {
        switch next {
        case UInt8(ascii: "\""):
            let start = at
            guard skipString() else { return nil }
            let quoted = String(decoding: bytes[start..<at], as: UTF8.self)
            // A key with escapes is read like a string value.
            guard quoted.contains("\\") else { return String(quoted.dropFirst().dropLast()) }
            guard case .string(let text) = TOMLDocument.value(parsing: quoted) else { return nil }
            return text
        case UInt8(ascii: "'"):
            let start = at + 1
            guard skipString() else { return nil }
            return String(decoding: bytes[start..<at - 1], as: UTF8.self)
        default:
            let start = at
            while let byte = next, Self.isBare(byte) { at += 1 }
            return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Skips a scalar value; false if there is none, or it does not end.
    package mutating func skipScalar() -> Bool {
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return skipString() }
        let start = at
        while let byte = next, !",=]}#\r\n".utf8.contains(byte) { at += 1 }
        return at > start
    }

    private mutating func skipString() -> Bool {
        guard let quote = next else { return false }
        let isLong = at + 2 < bytes.count && bytes[at + 1] == quote && bytes[at + 2] == quote
        at += isLong ? 3 : 1
        while let byte = next {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                advance()
                if next != nil { advance() }
            } else if byte == quote {
                guard isLong else {
                    at += 1
                    return true
                }
                var run = 0
                while next == quote, run < 5 {
                    at += 1
                    run += 1
                }
                // Up to two quotes may stand right before the three that close.
                if run >= 3 { return true }
            } else {
                advance()
            }
        }
        return false
    }
}
