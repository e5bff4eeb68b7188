import Foundation
import Testing
import Time

struct CalendarDayTests {
    /// Foundation's calendar, with the same rules, agrees on every day of 400 years.
    @Test func `counts days as Foundation's calendar does`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for number in stride(from: -40_000, to: 106_097, by: 1) {
            let day = CalendarDay(daysSince1970: number)
            #expect(day.daysSince1970 == number)
            guard number % 31 == 0 else { continue }
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            #expect(parts.year == day.year && parts.month == day.month && parts.day == day.day)
        }
    }

    @Test(arguments: ["2026-03-01", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
    func `is read from its text`(text: String) {
        #expect(CalendarDay(text)?.text == text)
    }

    @Test(arguments: [
        "2026-02-30", "1900-02-29", "2026-3-1", "2026-13-01", "2026-00-10", "2026-01-00", "2026-03-01-02", "-026-03-01",
        "yesterday", "",
    ]) func `what is no day is refused`(text: String) {
        #expect(CalendarDay(text) == nil)
    }
}
