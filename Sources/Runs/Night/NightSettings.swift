/// A night's settings from the environment, passed in by the tool.
public struct NightSettings: Sendable {
    /// Replaces `alerts.webhook`, for services whose URLs are secrets: `NOCTURNE_ALERT_WEBHOOK`.
    public var webhook: String?
    /// The key that signs webhooks: `NOCTURNE_ALERT_SECRET`.
    public var secret: String?
    /// The folder for `nocturne-PIPELINE.prom` if the configuration names no textfile: `NOCTURNE_METRICS`.
    public var metricsFolder: String?

    /// Nothing set.
    public init() {}
}
