/// Mean and spread of each bin over any number of frames, gathered piece by piece and merged.
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

    /// Nothing seen yet.
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

    /// Adds the rows of float32 [frames, bins].
    public mutating func add(_ features: Span<Float>) {
        var piece = FeatureStatistics(bins: bins)
        features.withUnsafeBufferPointer { piece.measure($0) }
        merge(piece)
    }

    /// Adds what another saw.
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

    /// Two passes over the rows: means first, then squared distances from them.
    private mutating func measure(_ features: UnsafeBufferPointer<Float>) {
        let bins = bins
        frames = features.count / bins
        guard frames > 0 else { return }
        let end = frames * bins
        let count = Double(frames)
        means.withUnsafeMutableBufferPointer { means in
            for row in stride(from: 0, to: end, by: bins) {
                for bin in 0..<bins { means[bin] += Double(features[row &+ bin]) }
            }
            for bin in 0..<bins { means[bin] /= count }
            squares.withUnsafeMutableBufferPointer { squares in
                for row in stride(from: 0, to: end, by: bins) {
                    for bin in 0..<bins {
                        let distance = Double(features[row &+ bin]) - means[bin]
                        squares[bin] += distance * distance
                    }
                }
            }
        }
    }
}
