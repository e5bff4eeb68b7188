/// The word in a list that was probably meant, if any is near enough.
package func nearest(to word: String, among known: [String]) -> String? {
    let typed = word.lowercased()
    let scored = known.map { (word: $0, distance: editDistance(typed, $0.lowercased())) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    // A third of the letters may be wrong: beyond that, a guess is useless.
    return best.distance <= max(1, min(typed.count, best.word.count) / 3) ? best.word : nil
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into another (optimal
/// string alignment; Damerau 1964).
package func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
