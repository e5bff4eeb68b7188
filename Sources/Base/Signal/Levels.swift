/// Peak, mean and root mean square of a clip, as shares of full scale.
public struct Levels: Sendable, Hashable {
    /// The largest magnitude.
    public let peak: Double
    /// The mean: the DC offset.
    public let mean: Double
    /// The root of the mean square.
    public let rms: Double

    /// Measures a clip; all are 0 for one without samples.
    public init(of samples: Span<Float>) {
        self = samples.withUnsafeBufferPointer { Levels($0) }
    }

    /// The power without the offset: mean square less squared mean, 0 where the difference is rounding alone.
    var variance: Double {
        let variance = rms * rms - mean * mean
        return variance > 1e-14 * mean * mean ? variance : 0
    }

    init(_ samples: UnsafeBufferPointer<Float>) {
        // Eight partial sums in double: independent, so the processor adds them side by side, and always in this order.
        var sums = SIMD8<Double>.zero
        var squares = SIMD8<Double>.zero
        var peaks = SIMD8<Float>.zero
        let whole = samples.count & ~7
        var start = 0
        while start < whole, let base = samples.baseAddress {
            let eight = UnsafeRawPointer(base + start).loadUnaligned(as: SIMD8<Float>.self)
            start &+= 8
            let wide = SIMD8<Double>(eight)
            sums += wide
            squares += wide * wide
            let magnitude = eight.replacing(with: -eight, where: eight .< 0)
            peaks.replace(with: magnitude, where: magnitude .> peaks)
        }
        var (sum, square, peak) = (sums.sum(), squares.sum(), peaks.max())
        for index in whole..<samples.count {
            sum += Double(samples[index])
            square += Double(samples[index]) * Double(samples[index])
            peak = max(peak, samples[index].magnitude)
        }
        let count = Double(max(samples.count, 1))
        self.peak = Double(peak)
        mean = sum / count
        rms = (square / count).squareRoot()
    }
}

/// The power of each stretch of 20 ms, its offset removed: short enough to fall into a pause between words.
enum FramePowers {
    /// One power for each whole stretch; a clip shorter than one counts as one.
    static func measure(_ samples: Span<Float>, sampleRate: Int) -> [Double] {
        let length = min(max(sampleRate / 50, 1), max(samples.count, 1))
        return samples.withUnsafeBufferPointer { samples in
            (0..<samples.count / length).map { frame in
                Levels(UnsafeBufferPointer(rebasing: samples[frame * length..<(frame + 1) * length])).variance
            }
        }
    }
}
