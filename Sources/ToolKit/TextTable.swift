/// Columns for people: left-aligned text, right-aligned numbers, two spaces between.
public struct TextTable {
    private var rows: [[String]]

    /// A table with a header line.
    public init(_ header: [String]) { rows = [header] }

    /// Adds a line.
    public mutating func add(_ row: [String]) { rows.append(row) }

    /// The table's lines.
    public var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        let numeric = (0..<columns).map { column in
            rows.dropFirst().allSatisfy {
                column >= $0.count || $0[column].isEmpty || $0[column].isNumeric
            }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (numeric[column] ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Sizes for people.
public enum HumanSize {
    /// `1.5 MiB`, `312 B`.
    public static func text(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        // A value that would be rounded to 1024.0 gets the next unit.
        while value >= (unit == 0 ? 1024 : 1023.95) && unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(units[unit])"
    }
}

extension String {
    /// Whether it starts like a number, with or without a sign (and possibly followed by a unit).
    fileprivate var isNumeric: Bool { (hasPrefix("-") ? dropFirst() : self[...]).first?.isNumber == true }
}
