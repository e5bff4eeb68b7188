internal import Dates

/// A moment, read from RFC 3339 text and kept as such text in UTC: `2026-11-19T22:04:11.500000Z`.
///
/// All moments have the same width, so that SQLite, which keeps them as text, puts them in the order of time.
package struct Timestamp: Sendable, Equatable {
    /// The moment in UTC, with the six decimals that PostgreSQL keeps.
    package let text: String

    /// Reads `2026-11-19T23:04:11.5+01:00`; `nil` if that is no moment, or lies outside the years 1 to 9999.
    package init?(_ text: String) {
        guard let moment = Moment(text), (Self.yearOne..<Self.yearTenThousand).contains(moment.seconds) else {
            return nil
        }
        self.text = moment.text(decimals: 6)
    }

    private static let yearOne = -62_135_596_800
    private static let yearTenThousand = 253_402_300_800
}
