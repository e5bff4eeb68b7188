/// `[metrics]`: the night's metrics for Prometheus.
struct MetricsConfig: ConfigSection {
    @Key(
        "textfile", .text(.textfile),
        "Where `nocturne nightly` writes its metrics for node_exporter's textfile collector, a name ending in `.prom`; "
            + "`{pipeline}` stands for the pipeline. Without it, `nocturne-{pipeline}.prom` in the folder `NOCTURNE_METRICS`, if that is set"
    )
    var textfile: String?
}

extension TextForm {
    /// The path of a textfile for node_exporter, which only reads this suffix.
    static let textfile = TextForm("a path that ends in \".prom\"") { text in
        text.hasSuffix(".prom") && !text.hasSuffix("/.prom") && text != ".prom" ? nil : ""
    }
}
