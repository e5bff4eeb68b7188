/// How features are brought to a common level and spread.
public enum Normalization: String, Codable, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Per item and bin: (x − mean)/(σ + 1e-5), σ the population's standard deviation over the item's frames.
    case item
    /// Per bin, with mean and standard deviation fitted on a whole batch: (x − mean)/(σ + 1e-5).
    case global
}

/// Mean and standard deviation per bin, and what is done with them.
public struct Normalizer: Sendable, Hashable {
    /// What is added to the standard deviation, so that a bin that never changes gives 0 and not a division by zero.
    public static let epsilon = 1e-5

    private let means: [Double]
    private let factors: [Double]

    /// Prepares normalising by a mean and a standard deviation for each bin.
    public init(means: [Double], standardDeviations: [Double]) {
        precondition(means.count == standardDeviations.count, "each bin has a mean and a standard deviation")
        self.means = means
        factors = standardDeviations.map { 1 / ($0 + Self.epsilon) }
    }

    /// Prepares normalising by what was measured.
    public init(_ statistics: FeatureStatistics) {
        self.init(means: statistics.means, standardDeviations: statistics.standardDeviations)
    }

    /// Numbers in each row that is normalised.
    public var bins: Int { means.count }

    /// Replaces each number of float32 [frames, bins] by (x − mean)/(σ + epsilon), in double precision until it is stored.
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

    /// Normalises one item by its own mean and population standard deviation.
    public static func normalizeItem(_ features: inout [Float], bins: Int) {
        var statistics = FeatureStatistics(bins: bins)
        statistics.add(features.span)
        Normalizer(statistics).apply(to: &features)
    }
}
