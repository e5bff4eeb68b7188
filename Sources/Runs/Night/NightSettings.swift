/// What a night takes from the environment, handed down by the tool.
public struct NightSettings: Sendable {
    /// In place of `alerts.webhook`, for services whose addresses are secrets: `NOCTURNE_ALERT_WEBHOOK`.
    public var webhook: String?
    /// What webhooks are signed with: `NOCTURNE_ALERT_SECRET`.
    public var secret: String?
    /// The folder for `nocturne-PIPELINE.prom` where the configuration names no textfile: `NOCTURNE_METRICS`.
    public var metricsFolder: String?

    /// Nothing set.
    public init() {}
}
