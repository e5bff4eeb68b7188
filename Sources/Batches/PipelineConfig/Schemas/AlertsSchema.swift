import TOMLText

extension SectionSchema {
    /// `[alerts]`: when somebody is told, and how.
    package static let alerts = SectionSchema([
        KeySchema(
            "command", .texts(.any),
            "A command, as a list of its words, that is run once for each alert with the alert as JSON on its standard input"
        ),
        KeySchema(
            "command_timeout", .duration(0.1...3600), default: "30 s", "After this long the command is killed"),
        KeySchema(
            "webhook", .text(.web),
            "An address that each alert is posted to as JSON, signed with `NOCTURNE_ALERT_SECRET`; "
                + "`NOCTURNE_ALERT_WEBHOOK` overrides it"),
        KeySchema(
            "webhook_timeout", .duration(0.1...3600), default: "10 s",
            "How long posting an alert may take, further tries included"),
        KeySchema(
            "min_success_rate", .percentage, default: "80%",
            "An alert when a stage keeps a smaller share of its items than this (a gate may hold the version back before)"
        ),
        KeySchema(
            "memory", .percentage, default: "70%",
            "An alert when a stage's resident memory has reached this share of the machine's"),
        KeySchema(
            "slow_batch", .number(0...1_000_000), default: 5.0,
            "An alert when a batch of `infer` takes this many times the median of its size; 0 for none"),
        KeySchema(
            "slow_batch_least", .duration(0...86_400), default: "1 s", "A batch shorter than this is never slow"),
    ])

    /// `[metrics]`: the night's figures for Prometheus.
    package static let metrics = SectionSchema([
        KeySchema(
            "textfile", .text(.textfile),
            "Where `nocturne nightly` writes its figures for node_exporter's textfile collector, a name ending in `.prom`; "
                + "`{pipeline}` stands for the pipeline. Without it, `nocturne-{pipeline}.prom` in the folder `NOCTURNE_METRICS`, if that is set"
        )
    ])
}

extension TextForm {
    /// The path of a textfile for node_exporter, which reads no other names.
    static let textfile = TextForm("a path that ends in \".prom\"") { text in
        text.hasSuffix(".prom") && !text.hasSuffix("/.prom") && text != ".prom" ? nil : ""
    }
}
