/// A shell pattern over a whole key: `*` (also across `/`), `?` and `[a-z]`, compared byte by byte.
package struct Glob: Sendable {
    private let pattern: [UInt8]

    package init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        // Iterative with a single backtracking point: a pattern with many stars stays linear in the text's length.
        var (p, t) = (0, 0)
        var star: (p: Int, t: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, let next = matchOne(at: p, text[t]) {
                p = next
                t += 1
            } else if let (starP, starT) = star {
                star = (starP, starT + 1)
                p = starP + 1
                t = starT + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The position after the pattern's element at `p`, if it matches the byte.
    private func matchOne(at p: Int, _ byte: UInt8) -> Int? {
        if pattern[p] == UInt8(ascii: "?") { return p + 1 }
        guard pattern[p] == UInt8(ascii: "["), let close = pattern[(p + 1)...].firstIndex(of: UInt8(ascii: "]")),
            close > p + 1
        else { return pattern[p] == byte ? p + 1 : nil }
        var set = pattern[(p + 1)..<close]
        let negated = set.first == UInt8(ascii: "!")
        if negated { set = set.dropFirst() }
        var found = false
        var at = set.startIndex
        while at < set.endIndex {
            if at + 2 < set.endIndex, set[at + 1] == UInt8(ascii: "-") {
                if set[at] <= byte && byte <= set[at + 2] { found = true }
                at += 3
            } else {
                if set[at] == byte { found = true }
                at += 1
            }
        }
        return found != negated ? close + 1 : nil
    }
}
