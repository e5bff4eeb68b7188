/// A moment, read from RFC 3339 text and written as such text in UTC: `2026-11-19T22:04:11.500000Z`.
///
/// All moments are written in the same width, so that SQLite, which keeps them as text, puts them in the order of time.
package struct Timestamp: Sendable, Equatable {
    /// Microseconds, which are what PostgreSQL keeps, since the beginning of 1970 in UTC.
    package let microseconds: Int

    private static let secondsADay = 86_400
    /// Days from the beginning of the year 1 to that of 1970.
    private static let daysBefore1970 = 719_162

    /// Reads `2026-11-19T23:04:11.5+01:00`; `nil` if that is no moment, or lies outside the years 1 to 9999.
    package init?(_ text: String) {
        var text = text
        guard let moment = text.withUTF8({ Timestamp(utf8: $0) }) else { return nil }
        self = moment
    }

    /// Reads the same from UTF-8.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        func digits(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for at in range {
                let digit = bytes[at] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
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
        var fraction = 0
        if has(".", at: at) {
            at += 1
            let start = at
            var weight = 100_000
            while at < bytes.count, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
                fraction += Int(digit) * weight
                weight /= 10
                at += 1
            }
            guard at > start else { return nil }
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
        // A leap second is the second after :59 for everyone who counts sixty to the minute.
        let seconds = ((Self.dayNumber(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
        guard seconds >= 0, seconds < Self.daysBefore(year: 10_000) * Self.secondsADay else { return nil }
        microseconds = (seconds - Self.daysBefore1970 * Self.secondsADay) * 1_000_000 + fraction
    }

    /// The moment in UTC, with six decimals.
    package var text: String {
        let sinceYear1 = microseconds + Self.daysBefore1970 * Self.secondsADay * 1_000_000
        let (seconds, fraction) = sinceYear1.quotientAndRemainder(dividingBy: 1_000_000)
        var days = seconds / Self.secondsADay
        var year = days / 366 + 1
        while Self.daysBefore(year: year + 1) <= days { year += 1 }
        days -= Self.daysBefore(year: year)
        var month = 1
        while days >= Self.days(in: month, of: year) {
            days -= Self.days(in: month, of: year)
            month += 1
        }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: width - digits.utf8.count) + digits
        }
        let rest = seconds % Self.secondsADay
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(days + 1, 2))T\(time).\(padded(fraction, 6))Z"
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
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
}
