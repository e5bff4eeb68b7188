/// Kaldi's framing and windowing, shared by fbank and MFCC. The defaults are Kaldi's own.
///
/// Kaldi's dither is left out: it adds random numbers, and recomputing a night must give the same bytes.
public struct KaldiFrameOptions: Codable, Sendable, Hashable {
    /// Samples per second. 16000 is what most speech models are trained on.
    public var sampleRate = 16_000
    /// Frame length in milliseconds: 25, long enough for two pitch periods of a low voice.
    public var frameLength = 25.0
    /// From one frame's start to the next's, in milliseconds: 10, the rate at which speech changes.
    public var frameShift = 10.0
    /// How much of the previous sample is subtracted: 0.97, which evens out the fall of speech towards high
    /// frequencies.
    public var preemphasis = 0.97
    /// The taper: Kaldi's own, `povey`.
    public var window = Window.povey
    /// Whether to take only frames that fit inside the clip (Kaldi's default); otherwise a frame is centred on every
    /// shift, and the clip is mirrored at its ends.
    public var snipEdges = true

    enum CodingKeys: String, CodingKey {
        case sampleRate = "sample_rate"
        case frameLength = "frame_length_ms"
        case frameShift = "frame_shift_ms"
        case preemphasis
        case window
        case snipEdges = "snip_edges"
    }

    /// Kaldi's defaults.
    public init() {}

    /// The frames in samples. As in Kaldi, frames without `snipEdges` are centred on the middle of their shift.
    func framing() throws(OptionsError) -> Framing {
        guard sampleRate > 0, sampleRate <= 1_000_000 else {
            throw OptionsError("a sample rate of \(sampleRate) is not possible: set one above 0, such as 16000")
        }
        guard frameLength > 0, frameLength <= 10_000, frameShift > 0, frameShift <= 10_000 else {
            throw OptionsError(
                "frames of \(frameLength) ms every \(frameShift) ms are not possible: set both above 0, such as 25 and 10"
            )
        }
        let length = Int(Double(sampleRate) * 0.001 * frameLength)
        let shift = Int(Double(sampleRate) * 0.001 * frameShift)
        guard length >= 2, shift >= 1 else {
            throw OptionsError("frames of \(length) samples every \(shift) samples are too short: set longer ones")
        }
        guard (0...1).contains(preemphasis) else {
            throw OptionsError("a pre-emphasis of \(preemphasis) is not possible: set one from 0 to 1")
        }
        return Framing(
            length: length, shift: shift, start: snipEdges ? 0 : shift / 2 - length / 2,
            edge: snipEdges ? .inside : .mirrored)
    }
}

/// Kaldi's path from samples to mel energies, before the logarithm: eight frames at a time.
///
/// Per frame, as Kaldi's `feature-window.cc` does it: samples on the ±32768 scale, mean removed, pre-emphasis with
/// x[0] −= c·x[0], window, zero-padding to a power of two, power spectrum, triangular filters.
final class KaldiMelEnergies {
    /// The lowest log energy is ln of this: float32's epsilon, 1.1920929e-7.
    static let energyFloor = Float.ulpOfOne

    let reader: FrameReader
    /// The mel energies of the last group computed.
    let energies: FixedBuffer<Lanes>
    private let preemphasis: Float
    private let window: FixedBuffer<Float>
    private let spectrum: PowerSpectrum
    private let filters: MelFilterTable
    private let frame: FixedBuffer<Lanes>
    private let power: FixedBuffer<Lanes>

    init(
        frames options: KaldiFrameOptions, melBins: Int, lowFrequency: Double, highFrequency: Double
    ) throws(OptionsError) {
        guard melBins >= 3, melBins <= 1024 else {
            throw OptionsError("\(melBins) mel bins are not possible: set a number from 3 to 1024")
        }
        let framing = try options.framing()
        var transformLength = 4
        while transformLength < framing.length { transformLength *= 2 }
        let bank = try MelFilterBank.kaldi(
            count: melBins, transformLength: transformLength, sampleRate: options.sampleRate,
            lowFrequency: lowFrequency, highFrequency: highFrequency)
        reader = FrameReader(framing)
        filters = MelFilterTable(bank)
        spectrum = try PowerSpectrum(length: transformLength)
        preemphasis = Float(options.preemphasis)
        // The scale of 16-bit samples, and the half that the power spectrum asks for: powers of two, so nothing rounds.
        window = FixedBuffer(options.window.coefficients(count: framing.length).map { Float($0) * 16_384 })
        energies = FixedBuffer(repeating: .zero, count: melBins)
        // Stays zero beyond the frame's length.
        frame = FixedBuffer(repeating: .zero, count: transformLength)
        power = FixedBuffer(repeating: .zero, count: spectrum.binCount)
    }

    /// Computes `energies` for eight frames and returns their raw energy: the sum of squares after removing the mean.
    func compute(_ group: FrameGroup) -> Lanes {
        let mean = load(group)
        let rawEnergy = emphasizeAndTaper(mean: mean)
        spectrum.compute(frame.base, into: power.base)
        filters.apply(to: power.base, into: energies.base)
        return rawEnergy
    }

    /// Interleaves the samples; returns their mean.
    private func load(_ group: FrameGroup) -> Lanes {
        let length = reader.framing.length
        let frame = frame.base
        var sums = FourLanes(.zero, .zero, .zero, .zero)
        var index = 0
        while index &+ 4 <= length {
            let samples = group.fourSamples(index)
            frame[index] = samples.a
            frame[index &+ 1] = samples.b
            frame[index &+ 2] = samples.c
            frame[index &+ 3] = samples.d
            sums.a += samples.a
            sums.b += samples.b
            sums.c += samples.c
            sums.d += samples.d
            index &+= 4
        }
        while index < length {
            frame[index] = group.sample(index)
            sums.a += frame[index]
            index &+= 1
        }
        return ((sums.a + sums.b) + (sums.c + sums.d)) / Float(length)
    }

    private func emphasizeAndTaper(mean: Lanes) -> Lanes {
        let length = reader.framing.length
        let frame = frame.base
        let window = window.base
        var energy = Lanes.zero
        var previous = frame[0] - mean
        for index in 0..<length {
            let sample = frame[index] - mean
            energy += sample * sample
            frame[index] = (sample - previous * preemphasis) * window[index]
            previous = sample
        }
        return energy * (32_768 * 32_768)
    }
}
