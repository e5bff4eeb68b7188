package import Signal

/// `[featurize]`: the model's input. Everything except the gates changes bytes.
public struct FeaturizeConfig: StageSettings {
    package static let tool = StageTool.featurize

    /// The definitions of features.
    package enum Kind: String, ConfigWord {
        case kaldiFbank = "kaldi-fbank"
        case kaldiMFCC = "kaldi-mfcc"
        case whisperMel = "whisper-mel"
        case waveform
    }

    @Key(.tool(.featurize))
    private var runner: StageTool

    @Key(.input(of: .featurize))
    package var input: [String]

    @Key(kindKey, .word(), default: .kaldiFbank, changesBytes: true, "The kind of features")
    package var kind: Kind

    @Key(
        "mel_bins", .int(1...512), default: fbankDefaults.melBins, except: [mfcc: mfccDefaults.melBins],
        changesBytes: true, only: mel,
        "The number of mel filters; 80 or 128 for `whisper-mel`")
    private var melBins: Int

    @Key(
        "normalize", .word(), default: .item, except: [whisper: .none, waveform: .none], changesBytes: true,
        "`item` uses the mean and deviation of the item itself, per bin; `global` those of `statistics`")
    package var normalize: Normalization

    @Key("statistics", .text(.path), "The file with the mean and deviation per bin for `global`")
    package var statistics: String?

    @Key(
        "frame_length_ms", .number(1...1000), default: frameDefaults.frameLength, changesBytes: true, only: kaldi,
        "The length of a frame")
    private var frameLengthMs: Double

    @Key(
        "frame_shift_ms", .number(1...1000), default: frameDefaults.frameShift, changesBytes: true, only: kaldi,
        "The distance from one frame to the next")
    private var frameShiftMs: Double

    @Key(
        "low_freq", .number(0...384_000), default: fbankDefaults.lowFrequency, changesBytes: true, only: kaldi,
        "The lower edge of the filters, in Hz")
    private var lowFreq: Double

    @Key(
        "high_freq", .number(-384_000...384_000), default: fbankDefaults.highFrequency, changesBytes: true, only: kaldi,
        "The upper edge of the filters, in Hz; 0 or less counts down from the Nyquist frequency")
    private var highFreq: Double

    @Key(
        "preemphasis", .number(0...1), default: frameDefaults.preemphasis, changesBytes: true, only: kaldi,
        "The pre-emphasis coefficient")
    private var preemphasis: Double

    @Key(
        "snip_edges", .bool, default: frameDefaults.snipEdges, changesBytes: true, only: kaldi,
        "Whether to make only frames that fit inside the clip; otherwise its edges are mirrored")
    private var snipEdges: Bool

    @Key(
        "num_ceps", .int(1...512), default: mfccDefaults.cepstra, changesBytes: true, only: mfcc,
        "The number of cepstral coefficients")
    private var numCeps: Int

    @Key(
        "cepstral_lifter", .number(0...1000), default: mfccDefaults.cepstralLifter, changesBytes: true, only: mfcc,
        "The coefficient of the cepstral lifter; 0 for none")
    private var cepstralLifter: Double

    @Key(
        "use_energy", .bool, default: mfccDefaults.useEnergy, changesBytes: true, only: mfcc,
        "Whether the first coefficient is the frame's log energy")
    private var useEnergy: Bool

    @Key(.minItems(default: 0))
    package var minItems: Int

    @Key(.maxRejectRatio)
    package var maxRejectRatio: Double

    @Key(.followWait)
    package var followWait: Double?

    package init() {}
}

extension Normalization: ConfigWord {}

// Kaldi's own defaults, declared with its features.
private let frameDefaults = KaldiFrameOptions()
private let fbankDefaults = KaldiFbank.Options()
private let mfccDefaults = KaldiMFCC.Options()

// The kind decides which other keys apply.
private let kindKey = "kind"
private let kaldi = Condition(kindKey, isOneOf: [FeaturizeConfig.Kind.kaldiFbank, .kaldiMFCC])
private let mel = Condition(kindKey, isOneOf: [FeaturizeConfig.Kind.kaldiFbank, .kaldiMFCC, .whisperMel])
private let mfcc = Condition(kindKey, isOneOf: [FeaturizeConfig.Kind.kaldiMFCC])
private let whisper = Condition(kindKey, isOneOf: [FeaturizeConfig.Kind.whisperMel])
private let waveform = Condition(kindKey, isOneOf: [FeaturizeConfig.Kind.waveform])

extension FeaturizeConfig {
    /// The kind with the keys that apply to it, so that a stage cannot read one that does not.
    package enum Features: Sendable {
        case kaldiFbank(Kaldi)
        case kaldiMFCC(Kaldi, MFCC)
        case whisperMel(melBins: Int)
        case waveform
    }

    /// The keys shared by Kaldi's kinds.
    package struct Kaldi: Sendable {
        /// The number of mel filters.
        package let melBins: Int
        /// The length of a frame, in milliseconds.
        package let frameLengthMs: Double
        /// The distance from one frame to the next, in milliseconds.
        package let frameShiftMs: Double
        /// The lower edge of the filters, in Hz.
        package let lowFreq: Double
        /// The upper edge of the filters, in Hz; 0 or less counts down from the Nyquist frequency.
        package let highFreq: Double
        /// The pre-emphasis coefficient.
        package let preemphasis: Double
        /// Whether only frames that fit inside the clip are made.
        package let snipEdges: Bool
    }

    /// The additional keys of cepstra.
    package struct MFCC: Sendable {
        /// The number of coefficients.
        package let numCeps: Int
        /// The coefficient of the lifter; 0 for none.
        package let cepstralLifter: Double
        /// Whether the first coefficient is the frame's log energy.
        package let useEnergy: Bool
    }

    /// The kind of features.
    package var features: Features {
        switch kind {
        case .kaldiFbank: .kaldiFbank(kaldiKeys)
        case .kaldiMFCC:
            .kaldiMFCC(kaldiKeys, MFCC(numCeps: numCeps, cepstralLifter: cepstralLifter, useEnergy: useEnergy))
        case .whisperMel: .whisperMel(melBins: melBins)
        case .waveform: .waveform
        }
    }

    private var kaldiKeys: Kaldi {
        Kaldi(
            melBins: melBins, frameLengthMs: frameLengthMs, frameShiftMs: frameShiftMs, lowFreq: lowFreq,
            highFreq: highFreq, preemphasis: preemphasis, snipEdges: snipEdges)
    }

    package var contradiction: Contradiction? {
        if normalize == .global, statistics == nil {
            return Contradiction($statistics, "is missing: normalize = \"global\" needs the file")
        }
        if normalize != .global, statistics != nil {
            return Contradiction($statistics, "does not apply without normalize = \"global\"")
        }
        if kind == .whisperMel, melBins != 80, melBins != 128 {
            return Contradiction($melBins, "must be 80 or 128 for whisper-mel, not \(melBins)")
        }
        if kind == .kaldiMFCC, numCeps > melBins {
            return Contradiction($numCeps, "is \(numCeps), more than mel_bins (\(melBins))")
        }
        if highFreq > 0, lowFreq >= highFreq {
            return Contradiction($lowFreq, "must be less than high_freq (\(highFreq)), not \(lowFreq)")
        }
        return nil
    }
}
