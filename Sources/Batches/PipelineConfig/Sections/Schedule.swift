import Foundation
internal import Time

/// `[schedule]`: the default batch of a run, and when a night is late.
public struct Schedule: ConfigSection, Equatable {
    @Key("due", .timeOfDay, default: 6 * 60, "When a night's results are due; after that the night is late")
    package var dueMinutes: Int

    @Key(
        "timezone", .text(.timezone), default: "UTC",
        "The time zone of `due` and of the default batch, named as in the zone database (`Europe/Berlin`)")
    package var timezone: String

    @Key("days_back", .int(0...366), default: 1, "How many days before today the default batch is: 1 is yesterday")
    package var daysBack: Int

    /// The defaults, as without `[schedule]`.
    public init() {}

    /// A schedule with a due time in minutes after midnight.
    public init(dueMinutes: Int, timezone: String, daysBack: Int) {
        self.init {
            $0.dueMinutes = dueMinutes
            $0.timezone = timezone
            $0.daysBack = daysBack
        }
    }

    /// A schedule from its recorded form; `nil` if `due` is not a time of day.
    public init?(due: String, timezone: String, daysBack: Int) {
        guard let minutes = Self.minutes(ofTimeOfDay: due) else { return nil }
        self.init(dueMinutes: minutes, timezone: timezone, daysBack: daysBack)
    }

    /// The day that is the default batch at a moment in seconds since 1970: `2026-11-20`.
    public func batch(now: Double) -> String { batch(now: now, daysBack: daysBack) }

    private func batch(now: Double, daysBack: Int) -> String {
        let zone = TimeZone(identifier: timezone) ?? .gmt
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: now))
        // Days are counted on the calendar, not as 24 hours: those of a clock change have 23 or 25.
        let day = Int(((now + Double(offset)) / 86400).rounded(.down)) - daysBack
        return CalendarDay(daysSince1970: day).text
    }

    /// When a batch's results are due, in seconds since 1970: at the due time, `daysBack` days after the day that names
    /// the batch. `nil` if it is not named by a day.
    public func due(ofBatch batch: String) -> Double? {
        guard let day = CalendarDay(batch) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timezone) ?? .gmt
        // A day beyond the end of the month is in the next month; an hour skipped by a clock change is the next one.
        let moment = DateComponents(
            year: day.year, month: day.month, day: day.day + daysBack, hour: dueMinutes / 60, minute: dueMinutes % 60)
        return calendar.date(from: moment)?.timeIntervalSince1970
    }

    /// The next moment, in seconds since 1970, with a time of day such as `23:59`; or the moment of a date and time
    /// such as `2026-11-20T23:59`, which may be past. In the schedule's time zone; `nil` if the text is neither.
    public func moment(_ text: String, after now: Double) -> Double? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count <= 2, let minutes = Self.minutes(ofTimeOfDay: String(parts[parts.count - 1])) else {
            return nil
        }
        func on(_ day: String) -> Double? {
            Schedule(dueMinutes: minutes, timezone: timezone, daysBack: 0).due(ofBatch: day)
        }
        if parts.count == 2 { return on(String(parts[0])) }
        let today = batch(now: now, daysBack: 0)
        let tomorrow = batch(now: now, daysBack: -1)
        return [today, tomorrow].compactMap(on).first { $0 >= now }
    }

    /// The newest batch whose results are due by now, by the schedule's calendar.
    ///
    /// - Parameter now: seconds since 1970.
    public func newestDueBatch(now: Double) -> String {
        let today = batch(now: now)
        if let due = due(ofBatch: today), due <= now { return today }
        return batch(now: now, daysBack: daysBack + 1)
    }

    /// When the next batch's results are due, in seconds since 1970.
    ///
    /// - Parameter now: seconds since 1970.
    public func nextDue(after now: Double) -> Double? {
        CalendarDay(newestDueBatch(now: now)).flatMap {
            due(ofBatch: CalendarDay(daysSince1970: $0.daysSince1970 + 1).text)
        }
    }

    /// When results are due, as written in `pipeline.toml`: `06:00`.
    public var dueText: String { Self.timeOfDay(minutes: dueMinutes) }

    /// A time of day as written in `pipeline.toml`.
    static func timeOfDay(minutes: Int) -> String { "\((minutes / 60).padded(to: 2)):\((minutes % 60).padded(to: 2))" }

    /// The minutes after midnight of a text such as `06:00`; `nil` if it is not a time of day.
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
