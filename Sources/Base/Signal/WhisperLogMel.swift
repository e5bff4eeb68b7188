/// Log mel energies as OpenAI's Whisper computes them from 16 kHz audio, for a clip of any length.
///
/// 400-sample frames every 160 samples, centred, the clip reflected at its ends, periodic Hann window, power spectrum,
/// librosa's Slaney filters, log10 floored at 1e-10, then at 8 below the clip's maximum, then (x + 4)/4. The last frame
/// is dropped, so there are samples/160 frames.
///
/// The clip is not padded to 30 s: only Whisper's encoder requires that, and the padding is silence either way. A
/// caller who wants it appends zeros (up to `paddedSamples` in all); the result is then identical to Whisper's.
public final class WhisperLogMel: FeatureExtractor {
    /// Samples in the 30 s that Whisper's encoder takes.
    public static let paddedSamples = 480_000

    /// What to compute. The models fix everything but the number of mel bins.
    public struct Options: Codable, Sendable, Hashable {
        /// Number of mel filters: 80, or 128 for Whisper large-v3.
        public var melBins = 80

        enum CodingKeys: String, CodingKey {
            case melBins = "mel_bins"
        }

        /// The defaults.
        public init() {}
    }

    /// Numbers in each frame's row: the mel bins.
    public let bins: Int
    /// Samples per second that the clip must have: 16000.
    public let sampleRate = 16_000
    /// Rows are final only after ``finish(_:maximum:)``, because their floor depends on the clip's maximum.
    public let needsMaximum = true
    private let reader: FrameReader
    private let window: FixedBuffer<Float>
    private let spectrum: PowerSpectrum
    private let filters: MelFilterTable
    private let frame: FixedBuffer<Lanes>
    private let power: FixedBuffer<Lanes>
    private let energies: FixedBuffer<Lanes>

    /// Prepares tables for the options; throws if they are invalid.
    public init(_ options: Options = Options()) throws(OptionsError) {
        guard options.melBins >= 3, options.melBins <= 128 else {
            throw OptionsError("\(options.melBins) Whisper mel bins are not possible: set 80, or 128 for large-v3")
        }
        let length = 400
        bins = options.melBins
        reader = FrameReader(Framing(length: length, shift: 160, start: -length / 2, edge: .reflected))
        // Halved, as the power spectrum asks: a power of two, so nothing rounds.
        window = FixedBuffer(Window.hann.coefficients(count: length, periodic: true).map { Float($0) * 0.5 })
        spectrum = try PowerSpectrum(length: length)
        filters = MelFilterTable(
            try MelFilterBank.slaney(count: options.melBins, transformLength: length, sampleRate: sampleRate))
        frame = FixedBuffer(repeating: .zero, count: length)
        power = FixedBuffer(repeating: .zero, count: spectrum.binCount)
        energies = FixedBuffer(repeating: .zero, count: options.melBins)
    }

    /// The number of frames of a clip of `samples` samples: one for every whole 160.
    public func frameCount(samples: Int) -> Int { reader.framing.frameCount(samples: samples) }

    /// Replaces the contents of `rows` with float32 [frames.count, bins], row by row.
    public func extract(_ samples: Span<Float>, frames: Range<Int>, into rows: inout [Float]) {
        let energies = energies.base
        let bins = bins
        forEachGroup(of: samples, frames: frames, reader: reader, bins: bins, into: &rows) { group, frames, rows in
            group.taper(by: window, into: frame)
            spectrum.compute(frame.base, into: power.base)
            filters.apply(to: power.base, into: energies)
            for bin in 0..<bins {
                energies[bin] = naturalLogarithm(atLeast(1e-10, energies[bin])) * 0.434_294_48  // 1 / ln 10
            }
            storeRows(energies, width: bins, frames: frames, to: rows)
        }
    }

    /// Raises rows to 8 below the clip's maximum and scales them.
    public func finish(_ rows: inout [Float], maximum: Float) {
        let floor = maximum - 8
        for index in rows.indices {
            let value = rows[index]
            rows[index] = ((value < floor ? floor : value) + 4) * 0.25
        }
    }
}
