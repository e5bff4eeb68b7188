public import Fault
internal import Time

/// Days, as used to name batches.
public enum Days {
    /// Every day from the first to the last, inclusive, as `2026-03-01`.
    public static func range(from first: String, to last: String) throws(Fault) -> [String] {
        let (start, end) = (try number(of: first), try number(of: last))
        guard start <= end else { throw Fault(.usage, "the first day, \(first), is after the last, \(last)") }
        return (start...end).map { CalendarDay(daysSince1970: $0).text }
    }

    private static func number(of text: String) throws(Fault) -> Int {
        guard let day = CalendarDay(text) else { throw Fault(.usage, "'\(text)' is not a date such as 2026-03-01") }
        return day.daysSince1970
    }
}
