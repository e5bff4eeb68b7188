internal import JSON

/// A number as people and sensors write it: JSON's grammar, and beyond it blanks around it, a plus, leading zeros, and a
/// point without digits on one side of it (`.5`, `5.`). Other spellings (`1,5`, `1_000`, `0x10`, `NaN`) can mean several
/// numbers, or none.
struct NumberText {
    private let sign: String
    private let whole: Substring
    private let decimals: Substring
    private let exponent: Substring

    init?(_ text: String) {
        var rest = Self.trimmed(text)[...]
        sign = rest.hasPrefix("-") ? "-" : ""
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
        whole = rest.prefix(while: Self.isDigit)
        rest = rest.dropFirst(whole.count)
        let hasPoint = rest.hasPrefix(".")
        if hasPoint { rest.removeFirst() }
        decimals = hasPoint ? rest.prefix(while: Self.isDigit) : ""
        rest = rest.dropFirst(decimals.count)
        exponent = rest
        guard !whole.isEmpty || !decimals.isEmpty, exponent.isEmpty || exponent.lowercased().hasPrefix("e") else {
            return nil
        }
    }

    /// The number; `nil` if it is beyond a double. A whole number that a double would round keeps its digits.
    var number: JSON? {
        let fraction = decimals.isEmpty ? "" : ".\(decimals)"
        guard let json = try? JSON(parsing: "\(sign)\(wholeDigits)\(fraction)\(exponent)") else { return nil }
        guard let double = json.double, case .int(let value) = json else { return json }
        return Int64(exactly: double) == value ? .double(double) : json
    }

    /// The whole number, if it is one of 64 bits.
    var integer: JSON? {
        if exponent.isEmpty, decimals.allSatisfy({ $0 == "0" }) {
            return Int64("\(sign)\(wholeDigits)").map { .int($0) }
        }
        // Below this every whole number is exact as a double, and none is the rounded form of another.
        guard case .double(let value)? = number, abs(value) < 0x1p53 else { return nil }
        return Int64(exactly: value).map { .int($0) }
    }

    private var wholeDigits: String {
        let digits = whole.drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    /// A text without blanks around it.
    static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isBlank)
        return String(start.prefix(start.count - start.reversed().prefix(while: isBlank).count))
    }
}
