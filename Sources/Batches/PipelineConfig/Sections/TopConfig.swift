/// Everything in `pipeline.toml` except the stages.
struct TopConfig: ConfigSection {
    @Key("format", .int(PipelineConfig.format...PipelineConfig.format), required: 1, "The format of this file: 1")
    var format: Int

    @Key("description", .text(.anyOrEmpty), "What the pipeline is for, shown in listings")
    var description: String?

    @Key("schedule", .table(), "The default batch of a run, and when a night is late")
    var schedule: Schedule?

    @Key("alerts", .table(), "When problems are reported, and how")
    var alerts: AlertsConfig

    @Key("metrics", .table(), "Where to write the night's metrics for Prometheus")
    var metrics: MetricsConfig

    @Key("gc", .table(), "What `batches gc` keeps")
    var retention: Retention

    @Key("stream", .table(), "How stages that run concurrently wait for each other")
    var stream: StreamConfig
}
