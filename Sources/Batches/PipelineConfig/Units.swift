/// A number of bytes in its written form: `"256 MiB"`, `"1.5 GB"`, `"512 B"`.
public enum ByteSize {
    private static let units: [(name: String, bytes: Double)] = [
        ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ]

    /// The number of bytes in a text; `nil` if it is not a size. A unit is required, and the bytes must be whole.
    public static func bytes(parsing text: String) -> Int? {
        guard let (number, name) = split(text), let unit = units.first(where: { $0.name == name }) else { return nil }
        return Int(exactly: number * unit.bytes)
    }

    /// A number of bytes with the largest unit that keeps it whole.
    static func text(_ bytes: Int) -> String {
        let binary = units.last { $0.name == "B" || $0.name.hasSuffix("iB") && bytes % Int($0.bytes) == 0 && bytes > 0 }
        return binary.map { "\(bytes / Int($0.bytes)) \($0.name)" } ?? "\(bytes) B"
    }
}

/// A time span in its written form: `"60 s"`, `"500 ms"`, `"1.5 h"`.
public enum TimeSpan {
    // Multiples are kept exact: 500 ms is 500 / 1000, not 500 × 0.001.
    private static let units: [(names: [String], times: Double, dividedBy: Double)] = [
        (["ms"], 1, 1000), (["s"], 1, 1), (["m", "min"], 60, 1), (["h"], 3600, 1), (["d"], 86400, 1),
    ]

    /// The number of seconds in a text; `nil` if it is not a time span. A unit is required.
    public static func seconds(parsing text: String) -> Double? {
        guard let (number, name) = split(text), let unit = units.first(where: { $0.names.contains(name) }) else {
            return nil
        }
        return number * unit.times / unit.dividedBy
    }

    /// A number of seconds in readable form: "60 s", "5 min", "1 d".
    static func text(_ seconds: Double) -> String {
        func plain(_ number: Double) -> String {
            Int64(exactly: number).map(String.init) ?? number.description
        }
        let larger = units.last { unit in
            unit.times > 1 && seconds > unit.times * (unit.times == 60 ? 1 : 0.5)
                && seconds.truncatingRemainder(dividingBy: unit.times) == 0
        }
        return larger.map { "\(plain(seconds / $0.times)) \($0.names[$0.names.count - 1])" } ?? "\(plain(seconds)) s"
    }
}

/// A percentage in its written form: `"70%"`.
public enum Percentage {
    /// The fraction from 0 to 1 in a text; `nil` if it is not a percentage from 0 to 100.
    public static func fraction(parsing text: String) -> Double? {
        guard let (number, unit) = split(text), unit == "%", number <= 100 else { return nil }
        return number / 100
    }

    /// A fraction from 0 to 1 as a percentage.
    static func text(_ fraction: Double) -> String {
        let share = (fraction * 1e6).rounded() / 1e4
        return (Int(exactly: share).map(String.init) ?? share.description) + "%"
    }
}

/// A number without sign or exponent, and the word after it.
private func split(_ text: String) -> (number: Double, unit: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard digits.first?.isNumber == true, digits.last?.isNumber == true, let number = Double(digits) else { return nil }
    return (number, String(unit))
}
