internal import JSON

/// Parses one JSON value if it is a number; `nil` for any other.
///
/// Up to 15 digits, of which up to 15 are decimals, are parsed here: both the digits as an integer and the power of ten
/// are exact doubles, so their quotient is the nearest one (Clinger, "How to Read Floating Point Numbers Accurately",
/// 1990). A night has millions of such figures.
func number(_ text: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> Double? {
    guard let first = text.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var (digits, value, decimals) = (0, 0, -1)
    for byte in text[(isNegative ? 1 : 0)...] {
        if byte == UInt8(ascii: "."), decimals < 0 {
            decimals = 0
        } else if byte &- UInt8(ascii: "0") < 10 {
            value = value &* 10 &+ Int(byte &- UInt8(ascii: "0"))
            digits += 1
            if decimals >= 0 { decimals += 1 }
        } else {
            return try JSON(parsing: text).double
        }
    }
    guard digits <= 15 else { return try JSON(parsing: text).double }
    let magnitude = decimals > 0 ? Double(value) / powersOfTen[decimals] : Double(value)
    return isNegative ? -magnitude : magnitude
}

private let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
