import Foundation

/// `[schedule]`: which batch a run without one means, and when a night is late.
public struct Schedule: Sendable, Equatable {
    /// When results are due, in minutes after midnight.
    public let dueMinutes: Int
    /// The zone database's name of the time zone.
    public let timezone: String
    /// How many days before today the default batch is.
    public let daysBack: Int

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
