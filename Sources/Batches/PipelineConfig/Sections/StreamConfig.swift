/// `[stream]`: how stages that run concurrently wait for each other.
public struct StreamConfig: ConfigSection, Equatable {
    @Key(
        "follow_wait", .duration(0...86_400), default: 60,
        "How long `--follow` waits for a run of the previous stage to start before it uses the current version")
    package var followWait: Double

    @Key(
        "max_parts_ahead", .int(1...1_000_000), default: 8,
        "How many parts a stage may be ahead of its slowest follower")
    package var maxPartsAhead: Int

    @Key(
        "consume", .bool, default: false,
        "Whether `fetch` releases raw objects as soon as every stage that reads them has sealed its results")
    package var consume: Bool

    @Key(
        "disk_budget", .byteSize(1...(1 << 50)),
        "How many bytes of raw objects may wait to be consumed; `fetch` waits for free space, and `nightly` streams the stages. "
            + "Needs `consume`")
    package var diskBudget: Int?

    /// The defaults.
    public init() {}

    package var contradiction: Contradiction? {
        guard diskBudget != nil, !consume else { return nil }
        return Contradiction($diskBudget, "needs consume = true, without which nothing frees space")
    }
}
