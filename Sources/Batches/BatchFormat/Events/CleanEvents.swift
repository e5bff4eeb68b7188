// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// A decoder process crashed on a recording.
public struct DecoderDied: RunEvent {
    public static let name = "decoder_died"
    public static let level = EventLevel.warning
    public static let meaning = "A decoder process crashed on a recording."
    public static let figures: [Figure<Self>] = [Figure("path", \.path), Figure("ending", \.ending)]
    public var message = ""
    /// The recording.
    public private(set) var path = ""
    /// How the process ended.
    public private(set) var ending = ""

    public init() {}

    /// A decoder that ended.
    public init(on path: String, ending: String) {
        self.path = path
        self.ending = ending
        message = "a decoder ended (\(ending)) on '\(path)'"
    }
}

/// A decoder process did not finish a recording in time.
public struct DecoderLate: RunEvent {
    public static let name = "decoder_late"
    public static let level = EventLevel.warning
    public static let meaning = "A decoder process did not finish a recording in time."
    public static let figures: [Figure<Self>] = [Figure("path", \.path), Figure("seconds", \.seconds)]
    public var message = ""
    /// The recording.
    public private(set) var path = ""
    /// The time limit.
    public private(set) var seconds = 0.0

    public init() {}

    /// A decoder that is late.
    public init(on path: String, seconds: Double) {
        self.path = path
        self.seconds = seconds
        message = "a decoder did not finish '\(path)' in \(Int(seconds)) s"
    }
}

/// A recording's channels were not mixed.
public struct MixAvoided: RunEvent {
    public static let name = "mix_avoided"
    public static let level = EventLevel.warning
    public static let meaning =
        "A recording's channels cancel each other, or its mean is silent; its loudest channel is used instead."
    public static let figures: [Figure<Self>] = [
        Figure("id", \.id), Figure("channel", \.channel), Figure("reason", \.reason), Figure("loss_db", \.loss),
    ]
    public var message = ""
    /// The recording.
    public private(set) var id = ""
    /// The channel used, counted from 0.
    public private(set) var channel = 0
    /// Why: `cancelled` or `faint`.
    public private(set) var reason = ""
    /// The power that cancels in the mean, in dB.
    public private(set) var loss = 0.0

    public init() {}

    /// A recording of which one channel is used.
    public init(of id: String, channel: Int, reason: String, loss: Double) {
        self.id = id
        self.channel = channel
        self.reason = reason
        self.loss = loss
        let why =
            reason == "cancelled"
            ? "the channels cancel each other (by \(loss) dB)" : "the mean of its channels is silent"
        message = "'\(id)': \(why); channel \(channel), the loudest, is used instead of the mean"
    }
}

/// A truncated recording was kept.
public struct TruncatedKept: RunEvent {
    public static let name = "truncated_kept"
    public static let level = EventLevel.warning
    public static let meaning = "What is there of a truncated recording was kept (`truncated = \"keep\"`)."
    public static let figures: [Figure<Self>] = [Figure("id", \.id)]
    public var message = ""
    /// The recording.
    public private(set) var id = ""

    public init() {}

    /// A recording that is shorter than it should be.
    public init(of id: String, words: String) {
        self.id = id
        message = "'\(id)' is truncated and kept: \(words)"
    }
}
