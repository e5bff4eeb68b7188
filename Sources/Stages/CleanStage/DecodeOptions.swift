internal import JSON
package import PipelineConfig
package import Resampling

/// The requirements on a recording and its target format: everything in clean's configuration that concerns audio.
package struct DecodeOptions: Equatable, Sendable {
    /// Which channel is kept.
    package enum Channels: Equatable, Sendable {
        /// The mean of all.
        case mix
        /// One, counted from 0.
        case one(Int)
    }

    /// The resulting sample rate in Hz.
    package var sampleRate: Int
    /// The mixdown.
    package var channels: Channels
    /// The resampler.
    package var resampler: ResamplingMode
    /// The shortest recording that passes, in seconds.
    package var minSeconds: Double
    /// The longest recording that passes, in seconds.
    package var maxSeconds: Double
    /// Whether a longer recording is cut into pieces instead of being rejected.
    package var cutsLong: Bool
    /// The overlap of consecutive pieces, in seconds.
    package var overlapSeconds: Double
    /// Whether what is there of a truncated recording is taken, instead of rejecting it.
    package var keepsTruncated: Bool
    /// A recording whose loudest 20 ms are below this level is silence, in dBFS.
    package var silenceDBFS: Double

    /// What a stage's section says.
    package init(_ config: CleanConfig) {
        sampleRate = config.sampleRate
        channels =
            switch config.channels {
            case .word(.mix): .mix
            case .int(let channel): .one(channel)
            }
        resampler =
            switch config.resampler {
            case .soxrHQ: .soxrHQ
            case .soxrVHQ: .soxrVHQ
            case .samplerateBest: .samplerateBest
            case .samplerateMedium: .samplerateMedium
            case .samplerateFastest: .samplerateFastest
            }
        minSeconds = config.minSeconds
        maxSeconds = config.maxSeconds
        cutsLong = config.long == .split
        overlapSeconds = config.splitOverlap ?? 0
        keepsTruncated = config.truncated == .keep
        silenceDBFS = config.silenceDBFS
    }
}

extension DecodeOptions {
    /// The options in the form sent to a decoder process.
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
            "overlap_seconds": .double(overlapSeconds), "keeps_truncated": .bool(keepsTruncated),
        ]
    }

    init?(_ json: JSON) {
        guard let sampleRate = json["sample_rate"]?.int, let channels = json["channels"],
            let resampler = json["resampler"]?.string.flatMap(ResamplingMode.init),
            let minSeconds = json["min_seconds"]?.double, let maxSeconds = json["max_seconds"]?.double,
            let silenceDBFS = json["silence_dbfs"]?.double, let cutsLong = json["cuts_long"]?.bool,
            let overlapSeconds = json["overlap_seconds"]?.double,
            let keepsTruncated = json["keeps_truncated"]?.bool
        else { return nil }
        self.sampleRate = sampleRate
        self.channels = channels.int.map { .one($0) } ?? .mix
        self.resampler = resampler
        self.minSeconds = minSeconds
        self.maxSeconds = maxSeconds
        self.silenceDBFS = silenceDBFS
        self.cutsLong = cutsLong
        self.overlapSeconds = overlapSeconds
        self.keepsTruncated = keepsTruncated
    }
}
