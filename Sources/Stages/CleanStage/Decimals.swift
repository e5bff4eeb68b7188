internal import JSON
internal import Time

extension JSON {
    /// A figure for the ledger, rounded to a number of decimals beyond which it has no meaning: the last bits of a
    /// logarithm must not decide whether two ledgers are equal.
    static func figure(_ value: Double, decimals: Int) -> JSON {
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        // Adding zero turns −0 into 0.
        return .double((value * scale).rounded() / scale + 0)
    }
}

extension Double {
    /// The value with a fixed number of decimals, for messages: `6.02`.
    func text(decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        guard let scaled = Int(exactly: (magnitude * Double(scale)).rounded()) else { return "\(self)" }
        let fraction = decimals > 0 ? ".\((scaled % scale).padded(to: decimals))" : ""
        return "\(self < 0 && scaled > 0 ? "-" : "")\(scaled / scale)\(fraction)"
    }
}
