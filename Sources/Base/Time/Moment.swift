/// A moment, read from or written as RFC 3339 text: `2026-11-19T22:04:11.5+01:00`.
public struct Moment: Sendable, Hashable {
    /// Whole seconds since 1970, rounded down; leap seconds are not counted.
    public let seconds: Int
    /// The rest, in nanoseconds.
    public let nanoseconds: Int

    /// Makes a moment from whole seconds since 1970 and the nanoseconds after them.
    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Makes a moment from seconds since 1970.
    public init(secondsSince1970: Double) {
        let whole = secondsSince1970.rounded(.down)
        seconds = Int(whole)
        nanoseconds = min(Int(((secondsSince1970 - whole) * 1e9).rounded()), 999_999_999)
    }

    /// Reads RFC 3339 with a mandatory offset; a space may replace the `T`, as the RFC allows. `nil` if the text is not
    /// a moment.
    ///
    /// Decimals beyond the ninth are dropped. A leap second, `:60`, counts as the second after `:59`.
    public init?(_ text: String) {
        var text = text
        guard let moment = text.withUTF8({ Moment(utf8: $0) }) else { return nil }
        self = moment
    }

    /// Reads the same from UTF-8 without making a `String`: databases are filled by the million rows.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes)
        guard let day = CalendarDay(&reader), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        var nanoseconds = 0
        if reader.skip(".") {
            var (scale, decimals) = (100_000_000, 0)
            while let digit = reader.number(1) {
                nanoseconds += digit * scale
                scale /= 10
                decimals += 1
            }
            guard decimals > 0 else { return nil }
        }
        var offset = 0
        if !reader.skip("Z"), !reader.skip("z") {
            let isWest = reader.skip("-")
            guard isWest || reader.skip("+"), let hours = reader.number(2), reader.skip(":"),
                let minutes = reader.number(2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
        guard reader.isAtEnd else { return nil }
        seconds = ((day.daysSince1970 * 24 + hour) * 60 + minute - offset) * 60 + second
        self.nanoseconds = nanoseconds
    }

    /// Seconds since 1970.
    public var secondsSince1970: Double { Double(seconds) + Double(nanoseconds) / 1e9 }

    /// `2026-11-19T21:04:11.500Z`: in UTC, with 0 to 9 decimals; further ones are dropped.
    public func text(decimals: Int) -> String {
        let (days, rest) = seconds.flooredDivision(by: 86_400)
        let day = CalendarDay(daysSince1970: days)
        let time = "\((rest / 3600).padded(to: 2)):\((rest / 60 % 60).padded(to: 2)):\((rest % 60).padded(to: 2))"
        let fraction = decimals == 0 ? "" : "." + nanoseconds.padded(to: 9).prefix(decimals)
        return "\(day.text)T\(time)\(fraction)Z"
    }
}

extension Int {
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
