internal import BatchFormat

/// A piece's position in its recording, in tenths of a second from the start.
package struct PieceSpan: Equatable, Sendable {
    package let start: Int
    package let end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// The longest suffix added to a recording's name: recordings of up to 31 years.
    static let longestText = "@999999999.9-999999999.9".utf8.count

    /// Where the piece starts, in seconds.
    var offset: Double { Double(start) / 10 }

    /// The name of a recording's piece: `device-07/rec.wav@30.0-60.0`.
    func id(in source: ItemID) -> ItemID { ItemID("\(source.text)@\(Self.text(start))-\(Self.text(end))") }

    /// Whether a name looks like that of a piece, and so would be ambiguous.
    static func ends(_ id: ItemID) -> Bool {
        // Byte by byte from the end: digits, a dot and one digit, twice.
        var rest = id.text.utf8[...]
        return takeNumber(&rest) && rest.popLast() == UInt8(ascii: "-") && takeNumber(&rest)
            && rest.popLast() == UInt8(ascii: "@")
    }

    private static func takeNumber(_ rest: inout Substring.UTF8View) -> Bool {
        func takeDigit() -> Bool {
            guard let last = rest.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last) else { return false }
            rest.removeLast()
            return true
        }
        guard takeDigit(), rest.popLast() == UInt8(ascii: "."), takeDigit() else { return false }
        while takeDigit() {}
        return true
    }

    private static func text(_ tenths: Int) -> String { "\(tenths / 10).\(tenths % 10)" }
}
