extension Int {
    /// Its digits, with zeros before them up to a width.
    public func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}

/// Takes numbers of a fixed width, and what stands between them, off a text.
struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// The number that the next so many ASCII digits write; `nil`, and nothing taken, if they are no digits.
    mutating func number(_ width: Int) -> Int? {
        var (value, taken) = (0, 0)
        for byte in rest.prefix(width) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            taken += 1
        }
        guard taken == width else { return nil }
        rest.removeFirst(width)
        return value
    }

    /// Whether the next character was this one, which is then taken.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}
