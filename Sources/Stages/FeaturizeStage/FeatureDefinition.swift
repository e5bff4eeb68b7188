internal import Fault
internal import JSON
internal import PipelineConfig
internal import Signal

/// A pipeline's features: the kind, its settings, and the sample rate they are computed at.
struct FeatureDefinition: Sendable {
    private enum Kind: Sendable {
        case fbank(KaldiFbank.Options)
        case mfcc(KaldiMFCC.Options)
        case whisper(WhisperLogMel.Options)
        case waveform
    }

    private let config: FeaturizeConfig
    /// Samples per second of the clips.
    let sampleRate: Int
    private let kind: Kind

    /// Reads the stage's section.
    init(_ config: FeaturizeConfig, sampleRate: Int) {
        self.config = config
        self.sampleRate = sampleRate
        switch config.features {
        case .kaldiFbank(let keys): kind = .fbank(KaldiFbank.Options(keys, sampleRate: sampleRate))
        case .kaldiMFCC(let keys, let mfcc): kind = .mfcc(KaldiMFCC.Options(keys, mfcc, sampleRate: sampleRate))
        case .whisperMel(let melBins):
            var options = WhisperLogMel.Options()
            options.melBins = melBins
            kind = .whisper(options)
        case .waveform: kind = .waveform
        }
    }

    /// The kind's name, as in `pipeline.toml`.
    private var name: String { config.kind.rawValue }

    /// Whether samples pass unchanged.
    var isWaveform: Bool { if case .waveform = kind { true } else { false } }

    /// The definition in the form compared by statistics and models: the sample rate and the section's keys that
    /// determine features, except normalisation.
    func settings(_ stage: StageConfig) -> JSONObject {
        var settings: JSONObject = ["kind": .string(name), "sample_rate": .int(Int64(sampleRate))]
        let apart = [config.$kind.name, config.$normalize.name]
        for (key, value) in stage.resultBearing.members where !apart.contains(key) { settings[key] = value }
        return settings
    }

    /// Makes the extractor; `nil` for samples that pass unchanged.
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
    init(_ keys: FeaturizeConfig.Kaldi, sampleRate: Int) {
        self.init()
        self.sampleRate = sampleRate
        frameLength = keys.frameLengthMs
        frameShift = keys.frameShiftMs
        preemphasis = keys.preemphasis
        snipEdges = keys.snipEdges
    }
}

extension KaldiFbank.Options {
    init(_ keys: FeaturizeConfig.Kaldi, sampleRate: Int) {
        self.init()
        frames = KaldiFrameOptions(keys, sampleRate: sampleRate)
        melBins = keys.melBins
        lowFrequency = keys.lowFreq
        highFrequency = keys.highFreq
    }
}

extension KaldiMFCC.Options {
    init(_ keys: FeaturizeConfig.Kaldi, _ mfcc: FeaturizeConfig.MFCC, sampleRate: Int) {
        self.init()
        frames = KaldiFrameOptions(keys, sampleRate: sampleRate)
        melBins = keys.melBins
        lowFrequency = keys.lowFreq
        highFrequency = keys.highFreq
        cepstra = mfcc.numCeps
        cepstralLifter = mfcc.cepstralLifter
        useEnergy = mfcc.useEnergy
    }
}
