/// Numbers.
extension JSONParser {
    mutating func parseNumber() throws(JSONSyntaxError) -> JSON {
        let start = at
        var number = DecimalNumber(isNegative: take(UInt8(ascii: "-")))
        let leadingZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
        let whole = digits(into: &number)
        guard whole > 0, !(leadingZero && whole > 1) else { throw fail("expected a value") }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            let fraction = digits(into: &number)
            guard fraction > 0 else { throw fail("expected digits after '.'") }
            number.exponent -= fraction
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            number.exponent += try exponent()
        }
        if isInteger, let value = number.integer { return .int(value) }
        if let value = number.exactDouble { return .double(value) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw JSONSyntaxError(offset: start, reason: "the number \(text) is out of range")
        }
        // A double would lose digits that someone may need: identifiers, sums of money.
        return isInteger || number.significant > DecimalNumber.digitsOfDouble ? .digits(text) : .double(value)
    }

    /// Consumes digits; returns how many.
    private mutating func digits(into number: inout DecimalNumber) -> Int {
        let from = at
        while at < bytes.count, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
            number.append(digit)
            at += 1
        }
        return at - from
    }

    private mutating func exponent() throws(JSONSyntaxError) -> Int {
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        let from = at
        var value = 0
        while at < bytes.count, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
            // Beyond this, every double is infinite or zero, so the exact value no longer matters.
            value = min(value * 10 + Int(digit), 1_000_000)
            at += 1
        }
        guard at > from else { throw fail("expected digits in the exponent") }
        return isNegative ? -value : value
    }
}

/// A decimal number, as far as machine arithmetic represents it exactly.
private struct DecimalNumber {
    let isNegative: Bool
    var exponent = 0
    private var digits: UInt64 = 0
    private var overflowed = false
    private var (digitsSoFar, zerosSoFar) = (0, 0)

    /// Every double is the value closest to some decimal number of this many digits.
    static let digitsOfDouble = 17
    /// The digits from the first to the last that is not zero.
    var significant: Int { digitsSoFar - zerosSoFar }

    init(isNegative: Bool) { self.isNegative = isNegative }

    mutating func append(_ digit: UInt8) {
        // Ten times this plus one digit still fits 64 bits.
        if digits < 1_000_000_000_000_000_000 { digits = digits * 10 + UInt64(digit) } else { overflowed = true }
        if digit != 0 || digitsSoFar > 0 { digitsSoFar += 1 }
        zerosSoFar = digit == 0 && digitsSoFar > 0 ? zerosSoFar + 1 : 0
    }

    /// The value as an integer, if it is sure to fit; only meaningful without fraction and exponent.
    var integer: Int64? {
        guard !overflowed, let value = Int64(exactly: digits) else { return nil }
        return isNegative ? -value : value
    }

    /// The correctly rounded value, where a single operation gives it: integers up to 2^53 and powers of ten up to
    /// 10^22 are exact as doubles, so their product or quotient is rounded only once (W. D. Clinger, "How to read
    /// floating point numbers accurately", 1990).
    var exactDouble: Double? {
        guard !overflowed, digits <= 1 << 53, abs(exponent) < Self.powers.count else { return nil }
        let whole = Double(digits)
        let value = exponent < 0 ? whole / Self.powers[-exponent] : whole * Self.powers[exponent]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}

/// Strings.
extension JSONParser {
    mutating func parseString() throws(JSONSyntaxError) -> String {
        at += 1
        let start = at
        skipPlain()
        guard at < bytes.count else { throw fail("the string does not end") }
        if take(UInt8(ascii: "\"")) {
            return try decode(UnsafeBufferPointer(rebasing: bytes[start..<at - 1]), startingAt: start)
        }
        var unescaped = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw fail("the string does not end") }
            let byte = bytes[at]
            guard byte >= 0x20 else { throw fail("an unescaped control character in a string") }
            at += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                try parseEscape(into: &unescaped)
            } else {
                let from = at - 1
                skipPlain()
                unescaped.append(contentsOf: bytes[from..<at])
            }
        }
        let text = try unescaped.withUnsafeBufferPointer { buffer -> Result<String, JSONSyntaxError> in
            do throws(JSONSyntaxError) { return .success(try decode(buffer, startingAt: start)) } catch {
                return .failure(error)
            }
        }.get()
        return text
    }

    /// Skips to the next quote, backslash or control character.
    mutating func skipPlain() {
        // Eight bytes at a time, because most texts are longer than that and contain none of the three.
        while at + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let found = Self.ends(in: word)
            if found != 0 {
                at += found.trailingZeroBitCount / 8
                return
            }
            at += 8
        }
        while at < bytes.count, case let byte = bytes[at], byte >= 0x20, byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        {
            at += 1
        }
    }

    /// The top bit of the first byte of a word that ends plain text; bits above it may be wrong. Reference: S. E. Anderson,
    /// "Bit Twiddling Hacks", "Determine if a word has a byte less than n".
    private static func ends(in word: UInt64) -> UInt64 {
        let (ones, tops) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let quotes = hasZero(word ^ ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = hasZero(word ^ ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        return (quotes | backslashes | controls) & tops
    }

    private func decode(
        _ text: UnsafeBufferPointer<UInt8>, startingAt start: Int
    ) throws(JSONSyntaxError) -> String {
        guard let text = try? UTF8Span(validating: text.span) else {
            throw JSONSyntaxError(offset: start, reason: "the string is not valid UTF-8")
        }
        return String(copying: text)
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
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fail("an unpaired surrogate") }
                let low = try parseHex()
                guard (0xDC00..<0xE000).contains(low) else { throw fail("an unpaired surrogate") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fail("an unpaired surrogate") }
            out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            at -= 1
            throw fail("unknown escape")
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
