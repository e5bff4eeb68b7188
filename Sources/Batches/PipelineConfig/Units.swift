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
}

/// A percentage in its written form: `"70%"`.
public enum Percentage {
    /// The fraction from 0 to 1 in a text; `nil` if it is not a percentage from 0 to 100.
    public static func fraction(parsing text: String) -> Double? {
        guard let (number, unit) = split(text), unit == "%", number <= 100 else { return nil }
        return number / 100
    }
}

/// A number without sign or exponent, and the word after it.
private func split(_ text: String) -> (number: Double, unit: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard digits.first?.isNumber == true, digits.last?.isNumber == true, let number = Double(digits) else { return nil }
    return (number, String(unit))
}
