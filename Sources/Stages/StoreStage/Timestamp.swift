/// A moment, read from RFC 3339 text and kept as such text in UTC: `2026-11-19T22:04:11.500000Z`.
///
/// All moments have the same width, so that SQLite, which keeps them as text, puts them in the order of time.
package struct Timestamp: Sendable, Equatable {
    /// The moment in UTC, with the six decimals that PostgreSQL keeps.
    package let text: String

    /// Reads `2026-11-19T23:04:11.5+01:00`; `nil` if that is no moment, or lies outside the years 1 to 9999.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        func has(_ characters: StaticString, at index: Int) -> Bool {
            index < bytes.count
                && UnsafeBufferPointer(start: characters.utf8Start, count: characters.utf8CodeUnitCount)
                    .contains(bytes[index])
        }
        guard let year = digits(0..<4), has("-", at: 4), let month = digits(5..<7), has("-", at: 7),
            let day = digits(8..<10), has("Tt ", at: 10), let hour = digits(11..<13), has(":", at: 13),
            let minute = digits(14..<16), has(":", at: 16), let second = digits(17..<19),
            year >= 1, (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        var at = 19
        var fraction = ""
        if has(".", at: at) {
            at += 1
            let start = at
            while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
            guard at > start else { return nil }
            fraction = String(decoding: bytes[start..<at].prefix(6), as: UTF8.self)
        }
        var offset = 0
        if has("Zz", at: at) {
            at += 1
        } else {
            guard has("+-", at: at), let hours = digits(at + 1..<at + 3), has(":", at: at + 3),
                let minutes = digits(at + 4..<at + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (has("-", at: at) ? -1 : 1)
            at += 6
        }
        guard at == bytes.count else { return nil }
        if offset == 0, second < 60, bytes[10] == UInt8(ascii: "T") {
            // What nearly every device sends: the digits are those that were read.
            self.text = String(decoding: bytes[..<19], as: UTF8.self) + Self.ending(fraction)
            return
        }
        // A leap second is the second after :59 for everyone who counts sixty to the minute.
        let seconds = ((Self.dayNumber(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
        guard let text = Self.text(seconds, fraction) else { return nil }
        self.text = text
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(in month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from the first of January of the year 1, which is day 0, in the proleptic Gregorian calendar.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        var days = daysBefore(year: year) + day - 1
        for earlier in 1..<month { days += Self.days(in: earlier, of: year) }
        return days
    }

    private static func daysBefore(year: Int) -> Int {
        let years = year - 1
        return years * 365 + years / 4 - years / 100 + years / 400
    }

    private static func text(_ seconds: Int, _ fraction: String) -> String? {
        guard seconds >= 0 else { return nil }
        var days = seconds / 86_400
        var year = days / 366 + 1
        while daysBefore(year: year + 1) <= days { year += 1 }
        guard year <= 9999 else { return nil }
        days -= daysBefore(year: year)
        var month = 1
        while days >= Self.days(in: month, of: year) {
            days -= Self.days(in: month, of: year)
            month += 1
        }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: width - digits.utf8.count) + digits
        }
        let rest = seconds % 86_400
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(days + 1, 2))T\(time)"
            + ending(fraction)
    }

    private static func ending(_ fraction: String) -> String {
        fraction.isEmpty ? ".000000Z" : "." + fraction + String(repeating: "0", count: 6 - fraction.utf8.count) + "Z"
    }
}
