/// How features are scaled to a common mean and spread.
public enum Normalization: String, Codable, Sendable, CaseIterable {
    /// Never.
    case none
    /// Per item and bin: (x − mean)/(σ + 1e-5), σ the population's standard deviation over the item's frames.
    case item
    /// Per bin, with the mean and standard deviation of a whole batch: (x − mean)/(σ + 1e-5).
    case global
}

/// Normalises features with a mean and a standard deviation per bin.
public struct Normalizer: Sendable, Hashable {
    /// Added to the standard deviation, so that a constant bin gives 0 instead of a division by zero.
    public static let epsilon = 1e-5

    private let means: [Double]
    private let factors: [Double]

    /// Prepares normalising with a mean and a standard deviation for each bin.
    public init(means: [Double], standardDeviations: [Double]) {
        precondition(means.count == standardDeviations.count, "each bin has a mean and a standard deviation")
        self.means = means
        factors = standardDeviations.map { 1 / ($0 + Self.epsilon) }
    }

    /// Prepares normalising with measured statistics.
    public init(_ statistics: FeatureStatistics) {
        self.init(means: statistics.means, standardDeviations: statistics.standardDeviations)
    }

    /// Numbers in each row that is normalised.
    public var bins: Int { means.count }

    /// Replaces each number of float32 [frames, bins] with (x − mean)/(σ + epsilon), in double precision until stored.
    public func apply(to features: inout [Float]) {
        let bins = bins
        features.withUnsafeMutableBufferPointer { features in
            means.withUnsafeBufferPointer { means in
                factors.withUnsafeBufferPointer { factors in
                    for row in stride(from: 0, to: features.count - bins + 1, by: bins) {
                        for bin in 0..<bins {
                            features[row &+ bin] = Float((Double(features[row &+ bin]) - means[bin]) * factors[bin])
                        }
                    }
                }
            }
        }
    }

    /// Normalises one item with its own mean and population standard deviation.
    public static func normalizeItem(_ features: inout [Float], bins: Int) {
        var statistics = FeatureStatistics(bins: bins)
        statistics.add(features.span)
        Normalizer(statistics).apply(to: &features)
    }
}
