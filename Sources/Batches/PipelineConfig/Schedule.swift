import Foundation
internal import Time

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
        return CalendarDay(daysSince1970: day).text
    }

    /// When a batch's results are due, in seconds since 1970: at the due time, `daysBack` days after the day that the batch is
    /// named by. `nil` if it is not named by a day.
    public func due(ofBatch batch: String) -> Double? {
        guard let day = CalendarDay(batch) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timezone) ?? .gmt
        // A day beyond the month's end is one of the next month; an hour that a clock change skips is the next one.
        let moment = DateComponents(
            year: day.year, month: day.month, day: day.day + daysBack, hour: dueMinutes / 60, minute: dueMinutes % 60)
        return calendar.date(from: moment)?.timeIntervalSince1970
    }

    /// The moment, in seconds since 1970, that a time of day such as `23:59` names, the next one that comes; or a time of a
    /// day such as `2026-11-20T23:59`, which may have been. By the schedule's time zone; `nil` if the text is neither.
    public func moment(_ text: String, after now: Double) -> Double? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count <= 2, let minutes = Self.minutes(ofTimeOfDay: String(parts[parts.count - 1])) else {
            return nil
        }
        func on(_ day: String) -> Double? {
            Schedule(dueMinutes: minutes, timezone: timezone, daysBack: 0).due(ofBatch: day)
        }
        if parts.count == 2 { return on(String(parts[0])) }
        let today = Schedule(timezone: timezone, daysBack: 0).batch(now: now)
        let tomorrow = Schedule(timezone: timezone, daysBack: -1).batch(now: now)
        return [today, tomorrow].compactMap(on).first { $0 >= now }
    }

    /// The newest batch whose results are due by now, by the calendar of the schedule.
    ///
    /// - Parameter now: seconds since 1970.
    public func newestDueBatch(now: Double) -> String {
        let today = batch(now: now)
        if let due = due(ofBatch: today), due <= now { return today }
        return Schedule(dueMinutes: dueMinutes, timezone: timezone, daysBack: daysBack + 1).batch(now: now)
    }

    /// When the next batch's results are due, in seconds since 1970.
    ///
    /// - Parameter now: seconds since 1970.
    public func nextDue(after now: Double) -> Double? {
        CalendarDay(newestDueBatch(now: now)).flatMap {
            due(ofBatch: CalendarDay(daysSince1970: $0.daysSince1970 + 1).text)
        }
    }

    /// When results are due, as it stands in `pipeline.toml`: `06:00`.
    public var dueText: String { "\((dueMinutes / 60).padded(to: 2)):\((dueMinutes % 60).padded(to: 2))" }

    /// A schedule as it goes on record; `nil` if the time of day is none.
    public init?(due: String, timezone: String, daysBack: Int) {
        guard let minutes = Self.minutes(ofTimeOfDay: due) else { return nil }
        self.init(dueMinutes: minutes, timezone: timezone, daysBack: daysBack)
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
