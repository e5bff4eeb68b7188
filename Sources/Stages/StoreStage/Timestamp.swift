internal import Time

/// A moment, read from RFC 3339 text and written as such text in UTC: `2026-11-19T22:04:11.500000Z`.
///
/// All moments are written in the same width, so that SQLite, which stores them as text, sorts them by time.
package struct Timestamp: Sendable, Equatable {
    /// Microseconds, PostgreSQL's resolution, since the start of 1970 in UTC.
    package let microseconds: Int

    private static let yearOne = -62_135_596_800
    private static let yearTenThousand = 253_402_300_800

    /// Parses `2026-11-19T23:04:11.5+01:00`; `nil` if that is not a moment, or is outside the years 1 to 9999.
    package init?(_ text: String) { self.init(Moment(text)) }

    /// Reads the same from UTF-8.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) { self.init(Moment(utf8: bytes)) }

    private init?(_ moment: Moment?) {
        guard let moment, (Self.yearOne..<Self.yearTenThousand).contains(moment.seconds) else { return nil }
        microseconds = moment.seconds * 1_000_000 + moment.nanoseconds / 1000
    }

    /// The moment in UTC, with six decimals.
    package var text: String {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let isBefore1970 = remainder < 0
        return Moment(
            seconds: isBefore1970 ? quotient - 1 : quotient,
            nanoseconds: (isBefore1970 ? remainder + 1_000_000 : remainder) * 1000
        ).text(decimals: 6)
    }
}
