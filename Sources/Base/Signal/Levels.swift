/// Peak, mean and root mean square of a clip, as shares of full scale.
public struct Levels: Sendable, Hashable {
    /// The largest magnitude.
    public let peak: Double
    /// The mean: the DC offset.
    public let mean: Double
    /// The root of the mean square.
    public let rms: Double

    /// Measures a clip; all figures are 0 for one without samples.
    public init(of samples: Span<Float>) {
        self = samples.withUnsafeBufferPointer { Levels($0) }
    }

    /// The power without the offset: mean square minus squared mean, or 0 where the difference is only rounding.
    public var variance: Double {
        let variance = rms * rms - mean * mean
        return variance > 1e-14 * mean * mean ? variance : 0
    }

    init(_ samples: UnsafeBufferPointer<Float>) {
        var sums = LevelSums()
        let used = sums.add(samples)
        self = sums.levels(with: UnsafeBufferPointer(rebasing: samples[used...]))
    }

    fileprivate init(peak: Double, mean: Double, rms: Double) {
        self.peak = peak
        self.mean = mean
        self.rms = rms
    }
}

/// The sums behind ``Levels``, for a clip that arrives in blocks: the result does not depend on where it is cut.
struct LevelSums {
    // Eight partial sums in double: independent, so the processor adds them in parallel, and always in this order.
    private var sums = SIMD8<Double>.zero
    private var squares = SIMD8<Double>.zero
    private var peaks = SIMD8<Float>.zero
    private var count = 0

    /// Adds samples, in whole eights; returns how many were added.
    mutating func add(_ samples: UnsafeBufferPointer<Float>) -> Int {
        let whole = samples.count & ~7
        var (sums, squares, peaks) = (sums, squares, peaks)
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
        (self.sums, self.squares, self.peaks) = (sums, squares, peaks)
        count += whole
        return whole
    }

    /// The levels of everything added, and of the few remaining samples.
    func levels(with rest: UnsafeBufferPointer<Float>) -> Levels {
        var (sum, square, peak) = (sums.sum(), squares.sum(), peaks.max())
        for sample in rest {
            sum += Double(sample)
            square += Double(sample) * Double(sample)
            peak = max(peak, sample.magnitude)
        }
        let count = Double(max(count + rest.count, 1))
        return Levels(peak: Double(peak), mean: sum / count, rms: (square / count).squareRoot())
    }
}

/// The power of each 20 ms frame, its offset removed: short enough to fit into a pause between words.
enum FramePowers {
    /// Samples in a frame.
    static func length(sampleRate: Int) -> Int { max(sampleRate / 50, 1) }

    /// One power for each whole frame; a clip shorter than one frame counts as one.
    static func measure(_ samples: Span<Float>, sampleRate: Int) -> [Double] {
        var powers: [Double] = []
        samples.withUnsafeBufferPointer { samples in
            let used = add(samples, length: length(sampleRate: sampleRate), to: &powers)
            close(&powers, with: UnsafeBufferPointer(rebasing: samples[used...]))
        }
        return powers
    }

    /// Appends the powers of the whole frames; returns how many samples they used.
    static func add(_ samples: UnsafeBufferPointer<Float>, length: Int, to powers: inout [Double]) -> Int {
        var start = 0
        while start + length <= samples.count {
            powers.append(Levels(UnsafeBufferPointer(rebasing: samples[start..<start + length])).variance)
            start += length
        }
        return start
    }

    /// The rest after the last whole frame counts only if there is no other.
    static func close(_ powers: inout [Double], with rest: UnsafeBufferPointer<Float>) {
        if powers.isEmpty, !rest.isEmpty { powers.append(Levels(rest).variance) }
    }
}
