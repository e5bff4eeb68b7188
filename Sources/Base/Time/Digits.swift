extension Int {
    /// The digits, padded with leading zeros to a width.
    public func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}

/// Reads fixed-width numbers and their separators from the front of a UTF-8 text.
struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    /// Reads a number of exactly `width` ASCII digits; `nil`, with nothing consumed, if they are not all digits.
    mutating func number(_ width: Int) -> Int? {
        guard bytes.count - at >= width else { return nil }
        var value = 0
        for byte in bytes[at..<at + width] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        at += width
        return value
    }

    /// Consumes the next character if it is `character`; returns whether it was.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }
}
