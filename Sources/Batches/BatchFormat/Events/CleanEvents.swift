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
