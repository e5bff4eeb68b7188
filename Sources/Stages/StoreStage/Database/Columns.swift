/// The tables' columns in the order in which rows are written, the same for both databases.
enum Columns {
    static let predictions = [
        "pipeline", "batch", "stage", "version", "item_id", "model", "model_version", "label", "score", "output",
        "fields", "recorded_at",
    ]
    static let rejections = ["pipeline", "batch", "stage", "version", "item_id", "reason", "message"]
    static let runs = [
        "pipeline", "batch", "stage", "version", "fingerprint", "items", "rejected", "seconds", "peak_memory_bytes",
        "bytes_in", "bytes_out", "status", "started_at", "finished_at", "summary",
    ]
    static let receipts = [
        "pipeline", "batch", "stage", "version", "digest", "predictions", "rejections", "transaction_id", "loaded_at",
    ]

    static let alerts = [
        "pipeline", "batch", "stage", "version", "severity", "reason", "message", "detail", "raised_at",
    ]

    static let labelCounts = [
        "pipeline", "batch", "stage", "version", "model", "model_version", "field", "value", "label", "items",
        "score_sum", "score_bins",
    ]
    static let qualityCounts = [
        "pipeline", "batch", "stage", "version", "field", "value", "figure", "items", "sum", "minimum", "maximum",
    ]
    static let pipelines = [
        "pipeline", "description", "due", "timezone", "days_back", "stages", "batch", "updated_at",
    ]

    static func list(_ columns: [String]) -> String { columns.joined(separator: ", ") }
}
