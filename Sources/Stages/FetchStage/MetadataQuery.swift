internal import Fault
internal import JSON
internal import PipelineConfig
internal import PostgresClient
internal import StageRun

/// `[fetch.metadata]`: where the items' fields come from.
struct MetadataQuery {
    /// The section; `nil` if the pipeline names no source.
    let config: MetadataConfig?
    private let pipeline: String
    private let batch: String
    private let context: RunContext

    init(_ config: MetadataConfig?, pipeline: String, batch: String, context: RunContext) {
        self.context = context
        self.config = config
        self.pipeline = pipeline
        self.batch = batch
    }

    /// Reads the batch's metadata; an empty table if the pipeline names no source.
    func read() throws(Fault) -> MetadataTable {
        guard let config, let source = config.source else { return MetadataTable() }
        switch source {
        case .csv(let path):
            return try MetadataTable(csv: FetchOptions.substitute(path, batch), key: config.key)
        case .jsonl(let path):
            return try MetadataTable(jsonl: FetchOptions.substitute(path, batch), key: config.key)
        case .query(let query, let database):
            let address = try PostgresAddress(database ?? "postgresql://")
            return try rows(of: query, at: address, key: config.key)
        }
    }

    private func rows(of query: String, at address: PostgresAddress, key: String) throws(Fault) -> MetadataTable {
        let bound = try NamedQuery(query, values: ["batch": batch, "pipeline": pipeline])
        var options = PostgresOptions()
        options.backoff = .none
        let context = context
        options.checkStop = { () throws(Fault) in try context.checkStop() }
        // Read again from the start if the connection breaks half-way: half the metadata is useless.
        return try Backoff().run { () throws(Fault) in
            let connection = try PostgresConnection(address, options: options)
            var rows: [MetadataTable.Reading] = []
            try connection.forEachJSONRow(of: bound) { (row) throws(Fault) in
                rows.append(MetadataTable.Reading(place: "row \(rows.count + 1)", fields: row.withoutNulls))
            }
            return try MetadataTable(rows, of: "fetch.metadata.query,", key: key)
        }
    }
}
