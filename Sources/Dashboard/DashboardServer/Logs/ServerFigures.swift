internal import Results
internal import TextFormats

/// The metrics in `/metrics`.
enum ServerFigures {
    static func text(_ services: Services) -> String {
        var text = PrometheusText()
        services.log.figures.add(to: &text)
        let (cache, hub) = (services.cache.figures, services.hub.figures)
        func one(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: Int) {
            text.add("nocturne_dashboard_\(name)", kind, help, [([:], Double(value))])
        }
        one("cache_hits_total", .counter, "Answers served from the cache.", cache.hits)
        one("cache_misses_total", .counter, "Answers that queried the database.", cache.misses)
        one("cache_bytes", .gauge, "Size of the cached answers in bytes.", cache.bytes)
        one("waiting", .gauge, "Requests waiting for the database.", cache.waiting)
        one("listeners", .gauge, "Open event streams.", hub.listeners)
        one("listeners_dropped_total", .counter, "Event streams closed because they were too slow.", hub.dropped)
        one("log_lines_dropped_total", .counter, "Log lines that were not written in time.", services.log.lines.dropped)
        one(
            "database_up", .gauge, "Whether the database can be watched for changes.",
            services.results.generation == nil ? 0 : 1)
        one("generation", .gauge, "Grows with each change of the database.", services.results.generation ?? 0)
        return text.text
    }
}
