/// `[alerts]`: when problems are reported, and how.
public struct AlertsConfig: ConfigSection, Equatable {
    @Key(
        "command", .texts(.any),
        "A command, as a list of words, run once for each alert with the alert as JSON on its standard input"
    )
    package var command: [String]

    @Key("command_timeout", .duration(0.1...3600), default: 30, "After this long the command is killed")
    package var commandTimeout: Double

    @Key(
        "webhook", .text(.web),
        "A URL to which each alert is posted as JSON, signed with `NOCTURNE_ALERT_SECRET`; "
            + "`NOCTURNE_ALERT_WEBHOOK` overrides it")
    package var webhook: String?

    @Key(
        "webhook_timeout", .duration(0.1...3600), default: 10,
        "How long posting an alert may take, retries included")
    package var webhookTimeout: Double

    @Key(
        "min_success_rate", .percentage, default: 0.8,
        "Raises an alert when a stage keeps a smaller share of its items than this (a gate may hold back the version first)"
    )
    package var minSuccessRate: Double

    @Key(
        "memory", .percentage, default: 0.7,
        "Raises an alert when a stage's resident memory reaches this share of the machine's")
    package var memory: Double

    @Key(
        "slow_batch", .number(0...1_000_000), default: 5,
        "Raises an alert when a batch of `infer` takes this many times the median of its size; 0 for none")
    package var slowBatch: Double

    @Key("slow_batch_least", .duration(0...86_400), default: 1, "A batch shorter than this is never slow")
    package var slowBatchLeast: Double

    /// The rules and channels of a pipeline without `[alerts]`.
    public init() {}
}
