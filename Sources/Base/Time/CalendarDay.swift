/// A day of the (proleptic) Gregorian calendar.
///
/// Days are counted as in Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": starting each year in March
/// puts the leap day last.
public struct CalendarDay: Sendable, Hashable {
    /// The year; 0 is the one before year 1.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// `nil` if the calendar does not have this day.
    public init?(year: Int, month: Int, day: Int) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        guard (1...12).contains(month), (1...days).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day named by a text such as `2026-03-01`; `nil` if the text is not a date.
    public init?(_ text: String) {
        var text = text
        let read = text.withUTF8 { bytes -> CalendarDay? in
            var reader = DigitReader(bytes)
            guard let day = CalendarDay(&reader), reader.isAtEnd else { return nil }
            return day
        }
        guard let read else { return nil }
        self = read
    }

    /// Reads a day from the front of a text.
    init?(_ reader: inout DigitReader) {
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day this many days after 1 January 1970; before it, if negative.
    public init(daysSince1970: Int) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The number of days since 1 January 1970.
    public var daysSince1970: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `2026-03-01`
    public var text: String { "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))" }
}
