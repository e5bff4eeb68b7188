import Foundation

/// `[schedule]`: which batch a run without one means, and when a night is late.
public struct Schedule: Sendable, Equatable {
    /// When results are due, in minutes after midnight.
    public let dueMinutes: Int
    /// The zone database's name of the time zone.
    public let timezone: String
    /// How many days before today the default batch is.
    public let daysBack: Int

    /// A schedule; as it is without `[schedule]` when nothing is given.
    public init(dueMinutes: Int = 6 * 60, timezone: String = "UTC", daysBack: Int = 1) {
        self.dueMinutes = dueMinutes
        self.timezone = timezone
        self.daysBack = daysBack
    }

    /// The day that is the default batch at a moment in seconds since 1970: `2026-11-20`.
    public func batch(now: Double) -> String {
        let zone = TimeZone(identifier: timezone) ?? .gmt
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: now))
        // Days are counted on the calendar, not as 24 hours: those of a clock change have 23 or 25.
        let day = Int(((now + Double(offset)) / 86400).rounded(.down)) - daysBack
        return Self.text(ofDay: day)
    }

    /// When a batch's results are due, in seconds since 1970: at the due time, `daysBack` days after the day that the batch is
    /// named by. `nil` if it is not named by a day.
    public func due(ofBatch batch: String) -> Double? {
        guard let match = batch.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timezone) ?? .gmt
        // A day beyond the month's end is one of the next month; an hour that a clock change skips is the next one.
        let moment = DateComponents(
            year: year, month: month, day: day + daysBack, hour: dueMinutes / 60, minute: dueMinutes % 60)
        return calendar.date(from: moment)?.timeIntervalSince1970
    }

    /// The newest batch whose results are due by now, by the calendar of the schedule.
    ///
    /// - Parameter now: seconds since 1970.
    public func newestDueBatch(now: Double) -> String {
        let today = batch(now: now)
        if let due = due(ofBatch: today), due <= now { return today }
        return Schedule(dueMinutes: dueMinutes, timezone: timezone, daysBack: daysBack + 1).batch(now: now)
    }

    /// The date of a day counted from 1 January 1970 (proleptic Gregorian; H. Hinnant, "chrono-compatible low-level date
    /// algorithms": years begin in March, so that the leap day is the last).
    private static func text(ofDay day: Int) -> String {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    /// The minutes after midnight that a text such as `06:00` stands for; `nil` if it is no time of day.
    static func minutes(ofTimeOfDay text: String) -> Int? {
        guard let match = text.wholeMatch(of: /([01][0-9]|2[0-3]):([0-5][0-9])/),
            let hours = Int(match.1), let minutes = Int(match.2)
        else { return nil }
        return hours * 60 + minutes
    }
}

extension TextForm {
    /// A name of the time zone database.
    static let timezone = TextForm("a time zone such as \"UTC\" or \"Europe/Berlin\"") { text in
        TimeZone(identifier: text) == nil ? "" : nil
    }
}
