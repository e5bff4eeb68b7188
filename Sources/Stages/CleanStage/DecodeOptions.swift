internal import JSON
package import Resampling
internal import Signal

/// What a recording has to be and what it is made into: everything of clean's configuration that concerns audio.
package struct DecodeOptions: Equatable, Sendable {
    /// Which channel becomes the one that is kept.
    package enum Channels: Equatable, Sendable {
        /// The mean of all.
        case mix
        /// One, counted from 0.
        case one(Int)
    }

    /// Samples per second of what comes out, Hz.
    package var sampleRate = 16_000
    /// The mixdown.
    package var channels = Channels.mix
    /// The resampler.
    package var resampler = ResamplingMode.soxrHQ
    /// The shortest recording that passes, in seconds.
    package var minSeconds = 0.1
    /// The longest recording that passes, in seconds.
    package var maxSeconds = 60.0
    /// Whether a longer recording is cut into pieces that pass, instead of ending here.
    package var cutsLong = false
    /// How much two pieces that follow each other have in common, in seconds.
    package var overlapSeconds = 0.0
    /// A recording whose loudest 20 ms are below this level is silence, in dBFS.
    package var silenceDBFS = AudioQuality.silenceDBFS

    /// The defaults of `pipeline.toml`.
    package init() {}
}

extension DecodeOptions {
    /// The options as a decoder process is given them.
    var json: JSON {
        let channel: JSON =
            switch channels {
            case .mix: "mix"
            case .one(let index): .int(Int64(index))
            }
        return [
            "sample_rate": .int(Int64(sampleRate)), "channels": channel, "resampler": .string(resampler.rawValue),
            "min_seconds": .double(minSeconds), "max_seconds": .double(maxSeconds),
            "silence_dbfs": .double(silenceDBFS), "cuts_long": .bool(cutsLong),
            "overlap_seconds": .double(overlapSeconds),
        ]
    }

    init?(_ json: JSON) {
        guard let sampleRate = json["sample_rate"]?.int, let channels = json["channels"],
            let resampler = json["resampler"]?.string.flatMap(ResamplingMode.init),
            let minSeconds = json["min_seconds"]?.double, let maxSeconds = json["max_seconds"]?.double,
            let silenceDBFS = json["silence_dbfs"]?.double, let cutsLong = json["cuts_long"]?.bool,
            let overlapSeconds = json["overlap_seconds"]?.double
        else { return nil }
        self.sampleRate = sampleRate
        self.channels = channels.int.map { .one($0) } ?? .mix
        self.resampler = resampler
        self.minSeconds = minSeconds
        self.maxSeconds = maxSeconds
        self.silenceDBFS = silenceDBFS
        self.cutsLong = cutsLong
        self.overlapSeconds = overlapSeconds
    }
}
