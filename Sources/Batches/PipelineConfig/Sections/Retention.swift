/// `[gc]`: what `batches gc` keeps.
public struct Retention: ConfigSection, Equatable {
    @Key(
        "keep", .int(1...1_000_000), default: 2,
        "How many of the newest sealed versions of each stage `batches gc` keeps, in addition to those in use")
    package var keep: Int

    @Key(
        "raw", .duration(0...3_155_760_000),
        "How long raw objects are kept after their download, such as \"90 d\"; without it, indefinitely")
    package var raw: Double?

    @Key(
        "unsealed", .duration(0...3_155_760_000), default: 86_400,
        "How long the newest version of a stage is kept for a run to continue, if its own has died")
    package var unsealed: Double

    /// The defaults.
    public init() {}
}
