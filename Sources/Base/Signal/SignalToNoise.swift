import Glibc

/// The signal-to-noise ratio of a recording that has pauses, estimated without knowing the clean signal.
///
/// The method is the quick form of NIST's `stnr`: the clip is cut into frames of 20 ms, the frames are sorted by their
/// power (the mean removed), and the levels of pauses and speech are read off as percentiles. Here the noise is the
/// mean power of the quietest tenth of the frames, and the signal with noise is the power of the frame at the 95th
/// percentile:
///
///     10·log10((P95 − noise) / noise)
///
/// It is an estimate: a clip without pauses reads too low, since its quietest sounds count as noise; a steady noise
/// alone reads below about 0. It is meant for watching how recordings change, not for comparing microphones.
public enum SignalToNoise {
    /// The range of results in dB. Above it pauses are digital zeros, and the ratio no longer means anything.
    public static let range = -20.0...100.0
    /// The fewest frames from which percentiles are taken.
    public static let fewestFrames = 10

    /// The ratio in dB, within `range`; nil for clips shorter than ten frames (0.2 s) or entirely digital silence.
    public static func estimate(_ samples: Span<Float>, sampleRate: Int) -> Double? {
        estimate(framePowers: FramePowers.measure(samples, sampleRate: sampleRate))
    }

    static func estimate(framePowers: [Double]) -> Double? {
        let frames = framePowers.count
        guard frames >= fewestFrames else { return nil }
        let powers = framePowers.sorted()
        let quiet = frames / 10
        let noise = powers[..<quiet].reduce(0, +) / Double(quiet)
        let signalAndNoise = powers[(frames - 1) * 95 / 100]
        guard signalAndNoise > 0 else { return nil }
        guard noise > 0 else { return range.upperBound }
        let signal = signalAndNoise - noise
        guard signal > 0 else { return range.lowerBound }
        return min(max(10 * log10(signal / noise), range.lowerBound), range.upperBound)
    }
}
