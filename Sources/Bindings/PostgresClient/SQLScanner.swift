internal import Fault

/// Splits an SQL text into named parameters and everything else, by PostgreSQL's lexical rules ("SQL Syntax, Lexical
/// Structure" in its manual).
struct SQLScanner {
    enum Piece: Equatable {
        /// Text to keep unchanged.
        case verbatim(ArraySlice<UInt8>)
        /// A parameter, `:name`.
        case parameter(String)
    }

    private let bytes: [UInt8]
    private var at = 0
    private var pieceAt = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The next piece; `nil` at the end.
    mutating func next() throws(Fault) -> Piece? {
        guard at < bytes.count else { return nil }
        pieceAt = at
        switch bytes[at] {
        case UInt8(ascii: "'"): try skipQuoted(UInt8(ascii: "'"), backslashes: false)
        case UInt8(ascii: "\""): try skipQuoted(UInt8(ascii: "\""), backslashes: false)
        case UInt8(ascii: "-") where follows("--"): skipLine()
        case UInt8(ascii: "/") where follows("/*"): try skipComment()
        case UInt8(ascii: "$"): try skipDollar()
        case UInt8(ascii: ":"):
            if let name = takeParameter() { return .parameter(name) }
        case let byte where Self.startsWord(byte): try skipWord()
        case let byte where Self.isDigit(byte): skipWhile(Self.continuesWord)
        default: at += 1
        }
        return .verbatim(bytes[pieceAt..<at])
    }

    /// A fault that names the line and column of the current piece.
    func fault(_ message: String) -> Fault {
        let before = bytes[..<pieceAt]
        let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return Fault(.configuration, "\(message), at line \(line), column \(column) of the query")
    }

    // MARK: - Words

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func startsWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        startsWord(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
    }

    private mutating func skipWhile(_ isPart: (UInt8) -> Bool) {
        while at < bytes.count, isPart(bytes[at]) { at += 1 }
    }

    private func follows(_ text: StaticString) -> Bool {
        at + text.utf8CodeUnitCount <= bytes.count
            && bytes[at..<at + text.utf8CodeUnitCount].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Skips a word; `E'…'` is the one prefix that changes how the string after it is read.
    private mutating func skipWord() throws(Fault) {
        let start = at
        skipWhile(Self.continuesWord)
        let isEscapePrefix = at - start == 1 && (bytes[start] | 0x20) == UInt8(ascii: "e")
        if isEscapePrefix, at < bytes.count, bytes[at] == UInt8(ascii: "'") {
            try skipQuoted(UInt8(ascii: "'"), backslashes: true)
        }
    }

    // MARK: - Parameters

    /// Reads `:name`; but `::` is a cast, `:=` names an argument, and `:1` is an array's bound.
    private mutating func takeParameter() -> String? {
        at += 1
        guard at < bytes.count else { return nil }
        if bytes[at] == UInt8(ascii: ":") || bytes[at] == UInt8(ascii: "=") {
            at += 1
            return nil
        }
        guard Self.startsWord(bytes[at]) else { return nil }
        let start = at
        skipWhile { Self.startsWord($0) || Self.isDigit($0) }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    // MARK: - Quotes and comments

    /// A quote inside a quoted text is doubled, so it ends one text and starts the next: nothing is lost.
    private mutating func skipQuoted(_ quote: UInt8, backslashes: Bool) throws(Fault) {
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if backslashes, byte == UInt8(ascii: "\\") {
                at += 1
            } else if byte == quote {
                guard backslashes, at < bytes.count, bytes[at] == quote else { return }
                at += 1
            }
        }
        throw fault("a quote does not end")
    }

    private mutating func skipLine() {
        skipWhile { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    }

    /// Comments nest, unlike in C.
    private mutating func skipComment() throws(Fault) {
        var depth = 0
        while at < bytes.count {
            if follows("/*") {
                depth += 1
                at += 2
            } else if follows("*/") {
                depth -= 1
                at += 2
                if depth == 0 { return }
            } else {
                at += 1
            }
        }
        throw fault("a comment does not end")
    }

    /// `$tag$…$tag$`, or a `$1` that would collide with the numbers assigned here.
    private mutating func skipDollar() throws(Fault) {
        at += 1
        if at < bytes.count, Self.isDigit(bytes[at]) {
            throw fault("the query contains a numbered parameter; name it instead, as in :batch")
        }
        if at < bytes.count, Self.startsWord(bytes[at]) { skipWhile { Self.startsWord($0) || Self.isDigit($0) } }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "$") else { return }
        at += 1
        let tag = bytes[pieceAt..<at]
        while at + tag.count <= bytes.count {
            if bytes[at..<at + tag.count].elementsEqual(tag) {
                at += tag.count
                return
            }
            at += 1
        }
        throw fault("a dollar quote does not end")
    }
}
