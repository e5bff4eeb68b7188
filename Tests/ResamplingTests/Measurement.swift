import Glibc
import Resampling

/// The response of a mode to tones converted from one rate to 16 kHz, in dB relative to a perfect converter.
struct Measurement {
    private static let inputLength = 1 << 16
    private static let size = 1 << 18

    private let mode: ResamplingMode
    private let rate: Int

    init(_ mode: ResamplingMode, from rate: Int) {
        self.mode = mode
        self.rate = rate
    }

    /// The gain for one tone.
    func gain(at frequency: Double) throws -> Double {
        let spectrum = try spectrum([frequency])
        let at = bin(frequency)
        return spectrum[at - 3...at + 3].max() ?? -300
    }

    /// The strongest level anywhere, for a tone that should leave none.
    func alias(of frequency: Double) throws -> Double { try spectrum([frequency]).max() ?? 0 }

    /// The strongest level outside the main lobes of the tones: the inverse of the signal-to-noise ratio.
    func artefact(besides tones: [Double]) throws -> Double {
        let spectrum = try spectrum(tones)
        // The window's lobe in bins of the zero-filled output transform.
        let lobe = 8 * Self.size * rate / (Self.inputLength * 16_000) + 4
        return spectrum.indices
            .filter { index in !tones.contains { abs(bin($0) - index) <= lobe } }
            .map { spectrum[$0] }
            .max() ?? 0
    }

    private func spectrum(_ frequencies: [Double]) throws -> [Double] {
        let input = Spectrum.tones(frequencies, rate: rate, count: Self.inputLength)
        let output = try resampled(input, mode, from: rate, to: 16_000)
        let reference = Spectrum.decibels(Spectrum.tones([1000], rate: 16_000, count: output.count), size: Self.size)
        let unit = (reference.max() ?? 0) - 20 * log10(Double(frequencies.count))
        return Spectrum.decibels(output, size: Self.size).map { $0 - unit }
    }

    private func bin(_ frequency: Double) -> Int { Int((frequency * Double(Self.size) / 16_000).rounded()) }
}
