public import Fault
internal import Foundation

/// Days as batches are named by them.
public enum Days {
    /// Every day from the first to the last, both included, as `2026-03-01`.
    public static func range(from first: String, to last: String) throws(Fault) -> [String] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var day = try parse(first, calendar)
        let end = try parse(last, calendar)
        guard day <= end else { throw Fault(.usage, "the first day, \(first), is after the last, \(last)") }
        var days: [String] = []
        while day <= end {
            days.append(text(day, calendar))
            day = calendar.date(byAdding: .day, value: 1, to: day) ?? .distantFuture
        }
        return days
    }

    /// A date of a calendar as `2026-03-01`.
    public static func text(year: Int, month: Int, day: Int) -> String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    private static func text(_ day: Date, _ calendar: Calendar) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: day)
        return text(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
    }

    private static func parse(_ text: String, _ calendar: Calendar) throws(Fault) -> Date {
        let numbers = text.split(separator: "-").compactMap { Int($0) }
        guard numbers.count == 3,
            let date = calendar.date(from: DateComponents(year: numbers[0], month: numbers[1], day: numbers[2])),
            self.text(date, calendar) == text
        else { throw Fault(.usage, "'\(text)' is no day such as 2026-03-01") }
        return date
    }
}
