// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Statistics for normalisation are computed over the whole input.
public struct StatisticsFitted: RunEvent {
    public static let name = "statistics_fitted"
    public static let meaning = "Statistics for normalisation are computed over the whole input."
    public static let figures: [Figure<Self>] = [
        Figure("file", \.file), Figure("items", \.items), Figure("frames", \.frames),
    ]
    public var message = ""
    /// Their file.
    public private(set) var file = ""
    /// Items that they are of.
    public private(set) var items = 0
    /// Frames that they are of.
    public private(set) var frames = 0

    public init() {}

    /// Statistics and what they are of.
    public init(_ file: String, items: Int, frames: Int, bins: Int) {
        self.file = file
        self.items = items
        self.frames = frames
        message = "'\(file)': \(items) items, \(frames) frames, \(bins) bins"
    }
}
