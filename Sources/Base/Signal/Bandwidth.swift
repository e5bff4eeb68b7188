/// How far up a recording's spectrum reaches: telephone audio that was brought to 16 kHz still ends below 4 kHz.
///
/// Welch's method: power spectra of half-overlapping 512-sample Hann frames, averaged over the clip. The bandwidth is the
/// highest frequency whose average is within 60 dB of the strongest one. Speech falls by 30 to 50 dB from its strongest
/// band to 8 kHz, so it stays in; a resampler's stop band (below −100 dB) and 16-bit rounding stay out.
public enum Bandwidth {
    /// How far below the strongest frequency the highest may lie, in dB.
    public static let rangeDB = 60.0
    private static let length = 512

    /// The bandwidth in Hz, to the width of a bin (sampleRate/512); nil for clips under 512 samples and for silence.
    public static func measure(_ samples: Span<Float>, sampleRate: Int) -> Double? {
        guard samples.count >= length, let spectrum = averageSpectrum(of: samples) else { return nil }
        // The lowest two bins hold the offset and what the window spreads of it.
        let audible = spectrum.indices.dropFirst(2)
        let strongest = audible.map { spectrum[$0] }.max() ?? 0
        guard strongest > 0 else { return nil }
        let threshold = strongest * 1e-6  // −60 dB of power
        let highest = audible.last { spectrum[$0] >= threshold } ?? 0
        return Double(highest) * Double(sampleRate) / Double(length)
    }

    /// The mean power spectrum, bins 0 … 256, on a scale of its own.
    private static func averageSpectrum(of samples: Span<Float>) -> [Double]? {
        guard let transform = try? PowerSpectrum(length: length) else { return nil }
        let reader = FrameReader(Framing(length: length, shift: length / 2, start: 0, edge: .inside))
        let window = FixedBuffer(Window.hann.coefficients(count: length, periodic: true).map { Float($0) })
        let frame = FixedBuffer<Lanes>(repeating: .zero, count: length)
        let power = FixedBuffer<Lanes>(repeating: .zero, count: transform.binCount)
        var sums = [Double](repeating: 0, count: transform.binCount)

        let frames = reader.framing.frameCount(samples: samples.count)
        samples.withUnsafeBufferPointer { samples in
            for first in stride(from: 0, to: frames, by: laneCount) {
                let count = min(laneCount, frames - first)
                let group = reader.group(of: samples, from: first, frames: count)
                for index in 0..<length { frame.base[index] = group.sample(index) * window.base[index] }
                transform.compute(frame.base, into: power.base)
                for bin in sums.indices {
                    for lane in 0..<count { sums[bin] += Double(power.base[bin][lane]) }
                }
            }
        }
        return sums
    }
}
