internal import Signal

/// Where a recording that is too long is cut: in a pause near the end of the longest allowed piece, otherwise at its
/// end.
///
/// All cuts are on a grid of tenths of a second, so that a piece's name says exactly where it is. The last quarter of
/// the longest piece, at most its last 10 s, is searched for the quietest 0.2 s; they are a pause if they are 10 dB
/// below their surroundings. The last piece is never shorter than the minimum length of a recording.
struct PieceCutter {
    /// A pause has at most this share of the surrounding power: −10 dB.
    private static let pausePower = 0.1

    private let rate: Int
    /// The longest piece, the part at its end that is searched, and what the next piece repeats, in tenths.
    private let (longest, searched, overlap): (Int, Int, Int)
    /// The samples of the longest piece, and the minimum number that must remain after it.
    private let (mostSamples, restSamples): (Int, Int)

    init(_ options: DecodeOptions) {
        rate = options.sampleRate
        longest = Int(options.maxSeconds * 10)
        searched = min(longest / 4, 100)
        overlap = min(Int((options.overlapSeconds * 10).rounded()), longest / 2)
        mostSamples = Int(options.maxSeconds * Double(rate))
        restSamples = Int((max(options.minSeconds, 0.1) * Double(rate)).rounded(.up))
    }

    /// The sample at a point of the grid.
    func sample(at tenths: Int) -> Int { (tenths * rate + 5) / 10 }

    /// The grid point nearest to a sample.
    func tenths(at sample: Int) -> Int { (sample * 10 + rate / 2) / rate }

    /// The first sample searched for the end of a piece with this start.
    func searchStart(from start: Int) -> Int { sample(at: start + longest - searched) }

    /// The earliest sample at which the next piece may begin.
    func earliestNext(from start: Int) -> Int { sample(at: start + longest - searched - overlap) }

    /// Where the piece after a cut starts.
    func next(after cut: Int) -> Int { cut - overlap }

    /// Where a piece ends, in tenths; `nil` if that is not known yet, or if it is the last one.
    ///
    /// - Parameters:
    ///   - start: where it starts, in tenths.
    ///   - samples: the recording's samples so far.
    ///   - first: the position in the recording of the first of these samples.
    ///   - isLast: whether these are all.
    func cut(from start: Int, in samples: Span<Float>, first: Int, isLast: Bool) -> Int? {
        let end = first + samples.count
        let length = end - sample(at: start)
        guard length > mostSamples + (isLast ? 0 : restSamples) else { return nil }
        let earliest = start + longest - searched
        let latest = min(start + longest, max((end - restSamples) * 10 / rate, earliest))
        // The power of each tenth; a pause is two of them, with the cut in between.
        let powers = (earliest...latest).map { tenth in
            let (from, to) = (sample(at: tenth) - first, min(sample(at: tenth + 1), end) - first)
            return Levels(of: samples.extracting(from..<max(from, to))).variance
        }
        var (quietest, least) = (latest, Self.pausePower * powers.reduce(0, +) / Double(powers.count))
        for (index, (before, behind)) in zip(powers, powers.dropFirst()).enumerated() {
            let power = (before + behind) / 2
            if power <= least { (quietest, least) = (earliest + index + 1, power) }
        }
        return quietest
    }
}
