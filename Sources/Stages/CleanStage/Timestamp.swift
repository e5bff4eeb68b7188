/// A moment as RFC 3339 writes it: `2026-11-19T22:04:11.5+01:00`, its offset always there.
enum Timestamp {
    /// Whether a text is one; a space may stand for the `T`, as the RFC allows.
    static func isValid(_ text: String) -> Bool {
        var rest = Substring(text).utf8[...]
        guard let year = number(&rest, 4), skip("-", &rest), let month = number(&rest, 2), skip("-", &rest),
            let day = number(&rest, 2), skip("Tt ", &rest), let hour = number(&rest, 2), skip(":", &rest),
            let minute = number(&rest, 2), skip(":", &rest), let second = number(&rest, 2)
        else { return false }
        // 60: a leap second.
        guard (1...12).contains(month), (1...days(month, year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return false }
        if skip(".", &rest) {
            guard number(&rest, 1) != nil else { return false }
            while number(&rest, 1) != nil {}
        }
        if skip("Zz", &rest) { return rest.isEmpty }
        guard skip("+-", &rest), let hours = number(&rest, 2), skip(":", &rest), let minutes = number(&rest, 2) else {
            return false
        }
        return rest.isEmpty && hours < 24 && minutes < 60
    }

    private static func number(_ rest: inout Substring.UTF8View, _ digits: Int) -> Int? {
        let head = rest.prefix(digits)
        guard head.count == digits, head.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        rest.removeFirst(digits)
        return head.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ any: String, _ rest: inout Substring.UTF8View) -> Bool {
        guard let first = rest.first, any.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
