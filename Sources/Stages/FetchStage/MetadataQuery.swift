internal import Fault
internal import JSON
internal import PipelineConfig
internal import PostgresClient
internal import StageRun

/// `[fetch.metadata]`: where the items' fields come from.
struct MetadataQuery {
    private let config: StageConfig
    private let pipeline: String
    private let batch: String
    private let context: RunContext

    init(_ config: StageConfig, pipeline: String, batch: String, context: RunContext) {
        self.context = context
        self.config = config
        self.pipeline = pipeline
        self.batch = batch
    }

    /// Reads the batch's metadata; an empty table if the pipeline names no source.
    func read() throws(Fault) -> MetadataTable {
        guard config.has("metadata") else { return MetadataTable() }
        let key = config.string("metadata.key")
        if let csv = config.optionalString("metadata.csv") {
            return try MetadataTable(csv: FetchOptions.substitute(csv, batch), key: key)
        }
        if let jsonl = config.optionalString("metadata.jsonl") {
            return try MetadataTable(jsonl: FetchOptions.substitute(jsonl, batch), key: key)
        }
        guard let query = config.optionalString("metadata.query") else { return MetadataTable() }
        let bound = try NamedQuery(query, values: ["batch": batch, "pipeline": pipeline])
        let address = try PostgresAddress(config.optionalString("metadata.url") ?? "postgresql://")
        var options = PostgresOptions()
        options.backoff = .none
        let context = context
        options.checkStop = { () throws(Fault) in try context.checkStop() }
        // Read again from the start if the connection breaks half-way: half the metadata is useless.
        return try Backoff().run { () throws(Fault) in
            let connection = try PostgresConnection(address, options: options)
            var rows: [(place: String, fields: JSONObject)] = []
            try connection.forEachJSONRow(of: bound) { (row) throws(Fault) in
                rows.append(("row \(rows.count + 1) of fetch.metadata.query", row.withoutNulls))
            }
            return try MetadataTable(rows: rows, key: key)
        }
    }
}
