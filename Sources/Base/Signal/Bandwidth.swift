/// How far up a recording's spectrum reaches: telephone audio resampled to 16 kHz still ends below 4 kHz.
///
/// Welch's method: power spectra of half-overlapping 512-sample Hann frames, averaged over the clip. The bandwidth is the
/// highest frequency whose average is within 60 dB of the strongest one. Speech falls by 30 to 50 dB from its strongest
/// band to 8 kHz, so it stays in; a resampler's stop band (below −100 dB) and 16-bit rounding stay out.
public enum Bandwidth {
    /// How far below the strongest frequency the highest may lie, in dB.
    public static let rangeDB = 60.0

    /// The bandwidth in Hz, to the width of a bin (sampleRate/512); nil for clips under 512 samples and for silence.
    public static func measure(_ samples: Span<Float>, sampleRate: Int) -> Double? {
        BandwidthMeter().measure(samples, sampleRate: sampleRate)
    }
}

/// Measures ``Bandwidth``. Its tables and scratch memory serve any number of clips, on one thread.
public final class BandwidthMeter {
    private static let length = 512

    private let transform: PowerSpectrum
    private let reader: FrameReader
    private let window: FixedBuffer<Float>
    private let frame: FixedBuffer<Lanes>
    private let power: FixedBuffer<Lanes>
    /// The sum of the frames' power spectra so far, bins 0 … 256 in fours, on a scale of its own.
    private var sums: [SIMD4<Double>]
    private var frames = 0

    /// Prepares the tables.
    public init() {
        do {
            transform = try PowerSpectrum(length: Self.length)
        } catch {
            preconditionFailure("a transform of a power of two is always possible: \(error)")
        }
        reader = FrameReader(Framing(length: Self.length, shift: Self.length / 2, start: 0, edge: .inside))
        window = FixedBuffer(Window.hann.coefficients(count: Self.length, periodic: true).map { Float($0) })
        frame = FixedBuffer(repeating: .zero, count: Self.length)
        // A multiple of four bins, so that whole squares can be read.
        power = FixedBuffer(repeating: .zero, count: (transform.binCount + 3) & ~3)
        sums = [SIMD4<Double>](repeating: .zero, count: power.count / 4)
    }

    /// The bandwidth in Hz, as ``Bandwidth/measure(_:sampleRate:)`` gives it.
    public func measure(_ samples: Span<Float>, sampleRate: Int) -> Double? {
        _ = samples.withUnsafeBufferPointer { add($0, isLast: true) }
        return finish(sampleRate: sampleRate)
    }

    /// Adds samples of a clip that arrives in blocks.
    ///
    /// - Parameters:
    ///   - samples: the samples after the last one that the previous call consumed.
    ///   - isLast: whether this is the clip's last block.
    /// - Returns: how many samples were consumed; the next call starts after them.
    func add(_ samples: UnsafeBufferPointer<Float>, isLast: Bool) -> Int {
        let whole = reader.framing.frameCount(samples: samples.count)
        // Leaves out the last group if it is not full: the next samples fill it.
        let taken = isLast ? whole : whole / laneCount * laneCount
        sums.withUnsafeMutableBufferPointer { sums in
            for first in stride(from: 0, to: taken, by: laneCount) {
                let count = min(laneCount, taken - first)
                reader.group(of: samples, from: first, frames: count).taper(by: window, into: frame)
                transform.compute(frame.base, into: power.base)
                add(frames: count, to: sums)
            }
        }
        frames += taken
        return taken * reader.framing.shift
    }

    /// The bandwidth in Hz of the samples added; resets the meter.
    func finish(sampleRate: Int) -> Double? {
        let spectrum = (0..<transform.binCount).map { sums[$0 / 4][$0 % 4] }
        let isTooShort = frames == 0
        reset()
        // The lowest two bins hold the offset and what the window spreads of it.
        let audible = spectrum.indices.dropFirst(2)
        let strongest = audible.map { spectrum[$0] }.max() ?? 0
        guard !isTooShort, strongest > 0 else { return nil }
        let threshold = strongest * 1e-6  // −60 dB of power
        let highest = audible.last { spectrum[$0] >= threshold } ?? 0
        return Double(highest) * Double(sampleRate) / Double(Self.length)
    }

    /// Discards the samples added so far.
    func reset() {
        for index in sums.indices { sums[index] = .zero }
        frames = 0
    }

    /// Adds the group's spectra frame by frame, four bins at a time.
    private func add(frames: Int, to sums: UnsafeMutableBufferPointer<SIMD4<Double>>) {
        for index in 0..<sums.count {
            let bins = power.base + 4 &* index
            let four = FourLanes(bins[0], bins[1], bins[2], bins[3])
            let (low, high) = (four.lowRows, four.highRows)
            var sum = sums[index] + SIMD4<Double>(low.a)
            if frames > 1 { sum += SIMD4<Double>(low.b) }
            if frames > 2 { sum += SIMD4<Double>(low.c) }
            if frames > 3 { sum += SIMD4<Double>(low.d) }
            if frames > 4 { sum += SIMD4<Double>(high.a) }
            if frames > 5 { sum += SIMD4<Double>(high.b) }
            if frames > 6 { sum += SIMD4<Double>(high.c) }
            if frames > 7 { sum += SIMD4<Double>(high.d) }
            sums[index] = sum
        }
    }
}
