internal import Time

/// Dates as HTTP writes them (RFC 9110, 5.6.7), as seconds since 1970.
public enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time that `Sun, 06 Nov 1994 08:49:37 GMT` or one of the two obsolete forms names.
    public static func seconds(_ text: String) -> Int64? {
        var words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        guard words.count >= 5 else { return nil }
        words.removeFirst()
        // asctime puts the month first and the year last: Nov  6 08:49:37 1994
        if months.contains(words[0]) { words = [words[1], words[0], words[3], words[2]] }
        guard let day = Int(words[0]), let month = months.firstIndex(of: words[1]), var year = Int(words[2]),
            let time = clockSeconds(words[3])
        else { return nil }
        // Two-digit years (RFC 850): this century, as every server alive writes them.
        if words[2].utf8.count == 2 { year += 2000 }
        return CalendarDay(year: year, month: month + 1, day: day).map { Int64($0.daysSince1970) * 86_400 + time }
    }

    private static func clockSeconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}
