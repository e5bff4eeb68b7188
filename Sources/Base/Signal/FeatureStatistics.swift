/// Mean and standard deviation of each bin over any number of frames, measured in pieces and merged.
///
/// Each piece is summed in two passes in double precision, and pieces are merged by the rule of Chan, Golub and LeVeque
/// ("Updating formulae and a pairwise algorithm for computing sample variances", 1979), so a million frames lose no more
/// digits than one clip. Merging in a fixed order gives the same bits however many workers gathered the pieces.
public struct FeatureStatistics: Codable, Sendable, Hashable {
    /// Frames seen.
    public private(set) var frames: Int
    /// The mean of each bin.
    public private(set) var means: [Double]
    /// The sum of squared distances from the mean, for each bin.
    private var squares: [Double]

    /// No frames yet.
    public init(bins: Int) {
        frames = 0
        means = [Double](repeating: 0, count: bins)
        squares = means
    }

    /// Numbers in each row.
    public var bins: Int { means.count }

    /// The population's standard deviation of each bin.
    public var standardDeviations: [Double] {
        squares.map { frames == 0 ? 0 : ($0 / Double(frames)).squareRoot() }
    }

    /// Measures rows that may be too many to hold at once, in two passes.
    ///
    /// - Parameter forEachBlock: passes all rows, block by block. It is called twice and must pass the same rows each
    ///   time. Where the blocks begin and end does not affect the result.
    public init<Failure: Error>(
        bins: Int, _ forEachBlock: (_ body: (Span<Float>) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        self.init(bins: bins)
        try forEachBlock { rows in rows.withUnsafeBufferPointer { sum($0) } }
        guard frames > 0 else { return }
        for bin in 0..<bins { means[bin] /= Double(frames) }
        try forEachBlock { rows in rows.withUnsafeBufferPointer { sumSquares($0) } }
    }

    /// Adds the rows of float32 [frames, bins].
    public mutating func add(_ features: Span<Float>) {
        let piece = features.withUnsafeBufferPointer { rows in FeatureStatistics(bins: bins) { $0(rows.span) } }
        merge(piece)
    }

    /// Merges the frames of other statistics.
    public mutating func merge(_ other: FeatureStatistics) {
        precondition(other.bins == bins, "statistics of \(other.bins) bins cannot be merged into \(bins)")
        guard other.frames > 0 else { return }
        guard frames > 0 else {
            self = other
            return
        }
        let total = Double(frames + other.frames)
        let share = Double(other.frames) / total
        for bin in 0..<bins {
            let distance = other.means[bin] - means[bin]
            means[bin] += distance * share
            squares[bin] += other.squares[bin] + distance * distance * Double(frames) * share
        }
        frames += other.frames
    }

    /// The first pass: sums, stored in place of the means.
    private mutating func sum(_ rows: UnsafeBufferPointer<Float>) {
        let bins = bins
        frames += rows.count / bins
        means.withUnsafeMutableBufferPointer { means in
            for row in stride(from: 0, to: rows.count - bins + 1, by: bins) {
                for bin in 0..<bins { means[bin] += Double(rows[row &+ bin]) }
            }
        }
    }

    /// The second pass: squared distances from the means.
    private mutating func sumSquares(_ rows: UnsafeBufferPointer<Float>) {
        let bins = bins
        means.withUnsafeBufferPointer { means in
            squares.withUnsafeMutableBufferPointer { squares in
                for row in stride(from: 0, to: rows.count - bins + 1, by: bins) {
                    for bin in 0..<bins {
                        let distance = Double(rows[row &+ bin]) - means[bin]
                        squares[bin] += distance * distance
                    }
                }
            }
        }
    }
}
