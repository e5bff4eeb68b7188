/// How the number of samples at full scale grew over time, from which a piece's share is computed, accurate to the
/// source block in which it starts and ends.
struct ClippingLog {
    private var marks = [(tenths: 0, clipped: 0, counted: 0)]

    /// Records the counts so far.
    ///
    /// - Parameter tenths: the time in the recording, in tenths of a second.
    mutating func note(_ mixdown: Mixdown, at tenths: Int) { marks.append((tenths, mixdown.clipped, mixdown.counted)) }

    /// The share of samples at full scale in a span, 0 to 1; times in tenths of a second.
    func ratio(from start: Int, to end: Int) -> Double {
        guard let before = marks.last(where: { $0.tenths <= start }), let last = marks.last else { return 0 }
        let behind = marks.first { $0.tenths >= end } ?? last
        let counted = behind.counted - before.counted
        return counted == 0 ? 0 : Double(behind.clipped - before.clipped) / Double(counted)
    }

    /// Drops what only concerns earlier times.
    mutating func forget(before tenths: Int) {
        marks.removeFirst(marks.lastIndex { $0.tenths <= tenths } ?? 0)
    }
}
