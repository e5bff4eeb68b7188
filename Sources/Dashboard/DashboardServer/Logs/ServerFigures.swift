internal import Prometheus
internal import Results

/// What `/metrics` shows.
enum ServerFigures {
    static func text(_ services: Services) -> String {
        var text = PrometheusText()
        services.log.figures.add(to: &text)
        let (cache, hub) = (services.cache.figures, services.hub.figures)
        func one(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: Int) {
            text.add("nocturne_dashboard_\(name)", kind, help, [([:], Double(value))])
        }
        one("cache_hits_total", .counter, "Answers that were ready.", cache.hits)
        one("cache_misses_total", .counter, "Answers that the database was asked for.", cache.misses)
        one("cache_bytes", .gauge, "Bytes that ready answers take.", cache.bytes)
        one("waiting", .gauge, "Requests that wait for an answer of the database.", cache.waiting)
        one("listeners", .gauge, "Open event streams.", hub.listeners)
        one("listeners_dropped_total", .counter, "Event streams closed because they were too slow.", hub.dropped)
        one("log_lines_dropped_total", .counter, "Log lines that nobody took in time.", services.log.lines.dropped)
        one(
            "database_up", .gauge, "Whether changes of the database are heard of.",
            services.results.generation == nil ? 0 : 1)
        one("generation", .gauge, "Grows with each change that was heard of.", services.results.generation ?? 0)
        return text.text
    }
}
