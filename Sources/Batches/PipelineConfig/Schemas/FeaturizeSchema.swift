import JSON
import TOMLText

extension SectionSchema {
    /// `[featurize]`: what a model is shown. Everything but the gates changes bytes.
    package static let featurize = SectionSchema(
        CommonKeys.wiring(tool: .featurize) + [
            KeySchema(
                "kind", .oneOf(["kaldi-fbank", "kaldi-mfcc", "whisper-mel", "waveform"]), default: "kaldi-fbank",
                bearing: true, "The features' definition"),
            KeySchema(
                "mel_bins", .int(1...512), default: 80, defaultByKind: ["kaldi-mfcc": 23], bearing: true,
                onlyForKinds: kaldi + ["whisper-mel"], "The number of mel filters; 80 or 128 for `whisper-mel`"),
            KeySchema(
                "normalize", .oneOf(["none", "item", "global"]), default: "item",
                defaultByKind: ["whisper-mel": "none", "waveform": "none"],
                bearing: true,
                "`item`: mean and deviation of the item itself, per bin; `global`: those of `statistics`"),
            KeySchema(
                "statistics", .text(.path),
                "The file with the mean and deviation per bin that `global` asks for"),
            KeySchema(
                "frame_length_ms", .number(1...1000), default: 25, bearing: true, onlyForKinds: kaldi,
                "The length of a frame"),
            KeySchema(
                "frame_shift_ms", .number(1...1000), default: 10, bearing: true, onlyForKinds: kaldi,
                "The distance from one frame to the next"),
            KeySchema(
                "low_freq", .number(0...384_000), default: 20, bearing: true, onlyForKinds: kaldi,
                "The lower edge of the filters, in Hz"),
            KeySchema(
                "high_freq", .number(-384_000...384_000), default: 0, bearing: true, onlyForKinds: kaldi,
                "The upper edge of the filters, in Hz; 0 and less count from the Nyquist frequency"),
            KeySchema(
                "preemphasis", .number(0...1), default: 0.97, bearing: true, onlyForKinds: kaldi,
                "The pre-emphasis coefficient"),
            KeySchema(
                "snip_edges", .bool, default: true, bearing: true, onlyForKinds: kaldi,
                "Whether only frames that fit whole are made; else edges are mirrored"),
            KeySchema(
                "num_ceps", .int(1...512), default: 13, bearing: true, onlyForKinds: ["kaldi-mfcc"],
                "The number of cepstral coefficients"),
            KeySchema(
                "cepstral_lifter", .number(0...1000), default: 22, bearing: true, onlyForKinds: ["kaldi-mfcc"],
                "The coefficient of the cepstral lifter; 0 for none"),
            KeySchema(
                "use_energy", .bool, default: true, bearing: true, onlyForKinds: ["kaldi-mfcc"],
                "Whether the first coefficient is the frame's log energy"),
            CommonKeys.minItems(default: 0),
            CommonKeys.maxRejectRatio,
            CommonKeys.followWait,
        ]
    ) { values in
        let isGlobal = values["normalize"] == "global"
        if isGlobal, values["statistics"] == nil {
            return Contradiction(key: "statistics", message: "is missing: normalize = \"global\" needs the file")
        }
        if !isGlobal, values["statistics"] != nil {
            return Contradiction(key: "statistics", message: "means nothing without normalize = \"global\"")
        }
        let bins = values["mel_bins"]?.int ?? 0
        if values["kind"] == "whisper-mel", bins != 80, bins != 128 {
            return Contradiction(key: "mel_bins", message: "must be 80 or 128 for whisper-mel, not \(bins)")
        }
        if values["kind"] == "kaldi-mfcc", let cepstra = values["num_ceps"]?.int, cepstra > bins {
            return Contradiction(key: "num_ceps", message: "is \(cepstra), more than mel_bins (\(bins))")
        }
        if let low = values["low_freq"]?.double, let high = values["high_freq"]?.double, high > 0, low >= high {
            return Contradiction(key: "low_freq", message: "must be less than high_freq (\(high)), not \(low)")
        }
        return nil
    }

    private static let kaldi = ["kaldi-fbank", "kaldi-mfcc"]
}
