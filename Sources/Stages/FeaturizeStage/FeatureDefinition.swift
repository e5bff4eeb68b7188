internal import Fault
internal import JSON
internal import PipelineConfig
internal import Signal

/// What a pipeline's features are: the kind, its settings, and the sample rate they are computed at.
struct FeatureDefinition: Sendable {
    private enum Kind: Sendable {
        case fbank(KaldiFbank.Options)
        case mfcc(KaldiMFCC.Options)
        case whisper(WhisperLogMel.Options)
        case waveform
    }

    /// The kind's name, as in `pipeline.toml`.
    let name: String
    /// Samples per second of the clips.
    let sampleRate: Int
    private let kind: Kind

    /// Reads the stage's section.
    init(_ config: StageConfig, sampleRate: Int) {
        name = config.string("kind")
        self.sampleRate = sampleRate
        switch name {
        case "kaldi-mfcc": kind = .mfcc(KaldiMFCC.Options(config, sampleRate: sampleRate))
        case "whisper-mel":
            var options = WhisperLogMel.Options()
            options.melBins = config.int("mel_bins")
            kind = .whisper(options)
        case "waveform": kind = .waveform
        default: kind = .fbank(KaldiFbank.Options(config, sampleRate: sampleRate))
        }
    }

    /// Whether samples pass through as they are.
    var isWaveform: Bool { if case .waveform = kind { true } else { false } }

    /// The definition as statistics and models compare it: the sample rate and the section's keys that shape features,
    /// normalisation apart.
    func settings(_ config: StageConfig) -> JSONObject {
        var settings: JSONObject = ["kind": .string(name), "sample_rate": .int(Int64(sampleRate))]
        let apart: Set = ["tool", "input", "kind", "normalize", "statistics"]
        for (key, value) in config.resultBearing.members where !apart.contains(key) { settings[key] = value }
        return settings
    }

    /// Makes what computes the features; `nil` for samples passed through as they are.
    func makeExtractor() throws(Fault) -> (any FeatureExtractor)? {
        let extractor: (any FeatureExtractor)?
        do {
            switch kind {
            case .fbank(let options): extractor = try KaldiFbank(options)
            case .mfcc(let options): extractor = try KaldiMFCC(options)
            case .whisper(let options): extractor = try WhisperLogMel(options)
            case .waveform: extractor = nil
            }
        } catch {
            throw Fault(.configuration, "the features '\(name)' at \(sampleRate) Hz: \(error.message)")
        }
        if let extractor, extractor.sampleRate != sampleRate {
            throw Fault(
                .configuration,
                "the features '\(name)' are defined at \(extractor.sampleRate) Hz, the input has \(sampleRate) Hz: "
                    + "set clean.sample_rate = \(extractor.sampleRate)")
        }
        return extractor
    }
}

extension KaldiFrameOptions {
    init(_ config: StageConfig, sampleRate: Int) {
        self.init()
        self.sampleRate = sampleRate
        frameLength = config.double("frame_length_ms")
        frameShift = config.double("frame_shift_ms")
        preemphasis = config.double("preemphasis")
        snipEdges = config.bool("snip_edges")
    }
}

extension KaldiFbank.Options {
    init(_ config: StageConfig, sampleRate: Int) {
        self.init()
        frames = KaldiFrameOptions(config, sampleRate: sampleRate)
        melBins = config.int("mel_bins")
        lowFrequency = config.double("low_freq")
        highFrequency = config.double("high_freq")
    }
}

extension KaldiMFCC.Options {
    init(_ config: StageConfig, sampleRate: Int) {
        self.init()
        frames = KaldiFrameOptions(config, sampleRate: sampleRate)
        melBins = config.int("mel_bins")
        lowFrequency = config.double("low_freq")
        highFrequency = config.double("high_freq")
        cepstra = config.int("num_ceps")
        cepstralLifter = config.double("cepstral_lifter")
        useEnergy = config.bool("use_energy")
    }
}
