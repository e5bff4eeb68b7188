/// Log mel filter-bank energies as Kaldi, kaldi-native-fbank and torchaudio.compliance.kaldi compute them.
///
/// Parity holds to 1e-3 on bins within 12 (natural logarithm) of the clip's maximum; far below that, single precision
/// rounds differently in every implementation. Digital silence gives −15.942385, the logarithm of the floor.
public final class KaldiFbank: FeatureExtractor {
    /// What to compute. The defaults are Kaldi's, except `melBins`.
    public struct Options: Codable, Sendable, Hashable {
        /// Framing and windowing.
        public var frames = KaldiFrameOptions()
        /// Number of mel filters: 80, which models of the last ten years are trained on (Kaldi's own default is 23).
        public var melBins = 80
        /// The lower edge of the first filter in Hz: 20; below it, recordings hold hum but no speech.
        public var lowFrequency = 20.0
        /// The upper edge of the last filter in Hz; zero or less counts down from the Nyquist frequency, so 0 takes
        /// everything.
        public var highFrequency = 0.0

        enum CodingKeys: String, CodingKey {
            case frames
            case melBins = "mel_bins"
            case lowFrequency = "low_freq"
            case highFrequency = "high_freq"
        }

        /// The defaults.
        public init() {}
    }

    /// Numbers in each frame's row: the mel bins.
    public let bins: Int
    /// Samples per second that the clip must have.
    public let sampleRate: Int
    private let mel: KaldiMelEnergies

    /// Prepares tables for the options; throws if they are invalid.
    public init(_ options: Options = Options()) throws(OptionsError) {
        bins = options.melBins
        sampleRate = options.frames.sampleRate
        mel = try KaldiMelEnergies(
            frames: options.frames, melBins: options.melBins,
            lowFrequency: options.lowFrequency, highFrequency: options.highFrequency)
    }

    /// The number of frames of a clip of `samples` samples; 0 if it is too short for one.
    public func frameCount(samples: Int) -> Int { mel.reader.framing.frameCount(samples: samples) }

    /// Replaces the contents of `rows` with float32 [frames.count, bins], row by row.
    public func extract(_ samples: Span<Float>, frames: Range<Int>, into rows: inout [Float]) {
        let energies = mel.energies.base
        let bins = bins
        forEachGroup(of: samples, frames: frames, reader: mel.reader, bins: bins, into: &rows) { group, frames, rows in
            _ = mel.compute(group)
            for bin in 0..<bins {
                energies[bin] = naturalLogarithm(atLeast(KaldiMelEnergies.energyFloor, energies[bin]))
            }
            storeRows(energies, width: bins, frames: frames, to: rows)
        }
    }
}
