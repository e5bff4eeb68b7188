internal import Signal

/// `[clean]`: the requirements on recordings, and their target format.
public struct CleanConfig: StageSettings {
    package static let tool = StageTool.clean

    @Key(.tool(.clean))
    private var runner: StageTool

    @Key(.input(of: .clean))
    package var input: [String]

    @Key("sample_rate", .int(1000...768_000), default: 16000, changesBytes: true, "The rate to resample to, in Hz")
    package var sampleRate: Int

    /// How several channels become one.
    package enum Mixdown: String, ConfigWord { case mix }

    @Key(
        "channels", .word(orInt: 0...1023), default: .word(.mix), changesBytes: true,
        "`\"mix\"` for the mean of all channels (or the loudest one, if more than 3 dB of their power cancel or the mean "
            + "is silent), or the channel to use, counted from 0")
    package var channels: WordOrInt<Mixdown>

    /// A resampler and its quality.
    package enum Resampler: String, ConfigWord {
        case soxrHQ = "soxr-hq"
        case soxrVHQ = "soxr-vhq"
        case samplerateBest = "samplerate-best"
        case samplerateMedium = "samplerate-medium"
        case samplerateFastest = "samplerate-fastest"
    }

    @Key("resampler", .word(), default: .soxrHQ, changesBytes: true, "The resampler and its quality")
    package var resampler: Resampler

    @Key(
        "min_seconds", .number(0...86_400), default: 0.1, changesBytes: true,
        "A shorter recording is rejected (`too_short`)")
    package var minSeconds: Double

    @Key(
        "max_seconds", .number(0...86_400), default: 60, changesBytes: true,
        "A longer recording is rejected (`too_long`), or cut")
    package var maxSeconds: Double

    /// What happens to a recording that is too long.
    package enum Long: String, ConfigWord { case reject, split }

    // Without defaults, so that results made before these keys existed keep their keys.
    @Key(
        "long", .word(), changesBytes: true,
        "What happens to a recording longer than `max_seconds`: `\"reject\"`, as without this key, or `\"split\"`: "
            + "cut into separate items")
    package var long: Long?

    @Key(
        "split_overlap", .number(0...3600), changesBytes: true,
        "Seconds shared by two consecutive pieces, to the nearest tenth; 0 without this key")
    package var splitOverlap: Double?

    /// What happens to a recording that is cut off.
    package enum Truncated: String, ConfigWord { case reject, keep }

    @Key(
        "truncated", .word(), changesBytes: true,
        "What happens to a recording shorter than its header promises: `\"reject\"`, as without this key, or "
            + "`\"keep\"`: what is there is taken, and marked on the ledger")
    package var truncated: Truncated?

    @Key(
        "silence_dbfs", .number(-300...0), default: AudioQuality.silenceDBFS, changesBytes: true,
        "A recording whose loudest 20 ms are below is rejected (`silent`), in dBFS")
    package var silenceDBFS: Double

    @Key(.minItems(default: 0))
    package var minItems: Int

    @Key(.maxRejectRatio)
    package var maxRejectRatio: Double

    @Key(.followWait)
    package var followWait: Double?

    @Key(
        "fields", .tables(), changesBytes: true,
        "The schema of an item's metadata: one table per field, by the field's name")
    package var fields: [Named<FieldRule>]

    package init() {}

    package var contradiction: Contradiction? {
        if minSeconds > maxSeconds {
            return Contradiction(
                $minSeconds, "is \(minSeconds), more than max_seconds (\(maxSeconds)): nothing could pass")
        }
        guard long == .split else {
            return splitOverlap.map { _ in
                Contradiction($splitOverlap, "does not apply without long = \"split\"; leave it out")
            }
        }
        if maxSeconds < 1 {
            return Contradiction($maxSeconds, "is \(maxSeconds): pieces must be allowed at least 1 second")
        }
        guard let splitOverlap, splitOverlap > maxSeconds / 2 else { return nil }
        return Contradiction($splitOverlap, "is \(splitOverlap), more than half of max_seconds (\(maxSeconds))")
    }
}
