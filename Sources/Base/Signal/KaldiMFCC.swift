/// Mel-frequency cepstral coefficients as Kaldi, kaldi-native-fbank and torchaudio.compliance.kaldi compute them.
public final class KaldiMFCC: FeatureExtractor {
    /// What to compute. The defaults are Kaldi's.
    public struct Options: Codable, Sendable, Hashable {
        /// Framing and windowing.
        public var frames = KaldiFrameOptions()
        /// Number of mel filters under the cosine transform: 23, Kaldi's default for 16 kHz.
        public var melBins = 23
        /// The lower edge of the first filter in Hz.
        public var lowFrequency = 20.0
        /// The upper edge of the last filter in Hz; zero or less counts down from the Nyquist frequency.
        public var highFrequency = 0.0
        /// Number of coefficients kept, including the first: 13, the spectrum's envelope without its pitch.
        public var cepstra = 13
        /// The lifter that scales coefficients to similar magnitude: 22, as in HTK; 0 turns it off.
        public var cepstralLifter = 22.0
        /// Whether the log of the frame's energy, before pre-emphasis and window, replaces the first coefficient.
        public var useEnergy = true

        enum CodingKeys: String, CodingKey {
            case frames
            case melBins = "mel_bins"
            case lowFrequency = "low_freq"
            case highFrequency = "high_freq"
            case cepstra = "num_ceps"
            case cepstralLifter = "cepstral_lifter"
            case useEnergy = "use_energy"
        }

        /// Kaldi's defaults.
        public init() {}
    }

    /// Numbers in each frame's row: the cepstra.
    public let bins: Int
    /// Samples per second that the clip must have.
    public let sampleRate: Int
    private let melBins: Int
    private let useEnergy: Bool
    private let mel: KaldiMelEnergies
    /// The cosine transform, with the lifter applied to each row.
    private let transform: FixedBuffer<Float>
    private let cepstra: FixedBuffer<Lanes>

    /// Prepares tables for the options; throws if they are invalid.
    public init(_ options: Options = Options()) throws(OptionsError) {
        guard options.cepstra >= 1, options.cepstra <= options.melBins else {
            throw OptionsError(
                "\(options.cepstra) cepstra cannot be made of \(options.melBins) mel bins: set 1 to \(options.melBins)")
        }
        guard options.cepstralLifter >= 0 else {
            throw OptionsError("a cepstral lifter of \(options.cepstralLifter) is not possible: set 0 or more")
        }
        bins = options.cepstra
        sampleRate = options.frames.sampleRate
        melBins = options.melBins
        useEnergy = options.useEnergy
        mel = try KaldiMelEnergies(
            frames: options.frames, melBins: options.melBins,
            lowFrequency: options.lowFrequency, highFrequency: options.highFrequency)
        let lifter = CosineTransform.lifter(options.cepstralLifter, count: options.cepstra)
        let matrix = CosineTransform.matrix(rows: options.cepstra, columns: options.melBins)
        transform = FixedBuffer(matrix.indices.map { Float(matrix[$0] * lifter[$0 / options.melBins]) })
        cepstra = FixedBuffer(repeating: .zero, count: options.cepstra)
    }

    /// The number of frames of a clip of `samples` samples; 0 if it is too short for one.
    public func frameCount(samples: Int) -> Int { mel.reader.framing.frameCount(samples: samples) }

    /// Replaces the contents of `rows` with float32 [frames.count, cepstra], row by row.
    public func extract(_ samples: Span<Float>, frames: Range<Int>, into rows: inout [Float]) {
        let energies = mel.energies.base
        let cepstra = cepstra.base
        let (bins, melBins) = (bins, melBins)
        forEachGroup(of: samples, frames: frames, reader: mel.reader, bins: bins, into: &rows) { group, frames, rows in
            let rawEnergy = mel.compute(group)
            for bin in 0..<melBins {
                energies[bin] = naturalLogarithm(atLeast(KaldiMelEnergies.energyFloor, energies[bin]))
            }
            for row in 0..<bins {
                let coefficients = transform.base + row * melBins
                var sum = Lanes.zero
                for bin in 0..<melBins { sum += energies[bin] * coefficients[bin] }
                cepstra[row] = sum
            }
            if useEnergy { cepstra[0] = naturalLogarithm(atLeast(KaldiMelEnergies.energyFloor, rawEnergy)) }
            storeRows(cepstra, width: bins, frames: frames, to: rows)
        }
    }
}
