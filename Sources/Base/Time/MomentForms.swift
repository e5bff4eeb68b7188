extension Moment {
    /// A moment as RFC 3339 text, from any way of writing it whose meaning is certain; `nil` if the text is not one.
    ///
    /// RFC 3339 is returned unchanged. ISO 8601's basic forms (`20261120T020411Z`), a comma before decimals, offsets
    /// without a colon or without minutes (`+0100`, `+01`), and blanks around the text or before the offset are
    /// rewritten; the offset and every decimal stay. A time without an offset, or a day written in another order, could
    /// be several moments.
    public static func rfc3339(_ text: String) -> String? {
        if Moment(text) != nil { return text }
        var form = MomentForm(Array(text.utf8))
        guard let written = form.rewrite(), Moment(written) != nil else { return nil }
        return written
    }
}

/// Rewrites a text, piece by piece; whether the pieces make a moment is for ``Moment`` to say.
private struct MomentForm {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        skipBlanks()
    }

    mutating func rewrite() -> String? {
        guard let year = digits(4) else { return nil }
        let hasDashes = take("-")
        guard let month = digits(2), take("-") == hasDashes, let day = digits(2), take("T") || take("t") || take(" "),
            let hour = digits(2)
        else { return nil }
        let hasColons = take(":")
        guard let minute = digits(2), take(":") == hasColons, let second = digits(2) else { return nil }
        var decimals = ""
        if take(".") || take(",") {
            while let digit = digits(1) { decimals += digit }
            guard !decimals.isEmpty else { return nil }
            decimals = "." + decimals
        }
        skipBlanks()
        guard let offset = offset() else { return nil }
        skipBlanks()
        guard at == bytes.count else { return nil }
        return "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)\(decimals)\(offset)"
    }

    private mutating func offset() -> String? {
        if take("Z") || take("z") { return "Z" }
        let isWest = take("-")
        guard isWest || take("+"), let hours = digits(2) else { return nil }
        let hasColon = take(":")
        let minutes = digits(2)
        guard minutes != nil || !hasColon else { return nil }
        return "\(isWest ? "-" : "+")\(hours):\(minutes ?? "00")"
    }

    private mutating func digits(_ count: Int) -> String? {
        guard bytes.count - at >= count,
            bytes[at..<at + count].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        at += count
        return String(decoding: bytes[at - count..<at], as: UTF8.self)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func skipBlanks() { while take(" ") || take("\t") {} }
}
