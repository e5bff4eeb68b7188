internal import BatchFormat
public import Fault
internal import JSON

/// `/item`: all that is known of one item; throws `.missing` if neither the database nor the disk knows it.
public struct ItemQuery: ResultsQuery {
    /// The pipeline.
    public var pipeline: String
    /// The batch.
    public var batch: String
    /// The item's id.
    public var item: String
    /// One stage's rows; `nil` for all.
    public var stage: String?
    /// Where the batches are, for the item's ledger line; `nil` if the server has no `--root`.
    public var batches: BatchFolders?

    /// Asks for an item.
    public init(pipeline: String, batch: String, item: String, stage: String? = nil, batches: BatchFolders? = nil) {
        self.pipeline = pipeline
        self.batch = batch
        self.item = item
        self.stage = stage
        self.batches = batches
    }

    /// `{"predictions", "rejections", "ledger", "ledger_missing", "lineage": [{"stage", "version", "fingerprint", "tool", "model",
    /// "started_at"}]}`.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let record = try PipelineRecord.all(reader).first { $0.name == pipeline } ?? PipelineRecord(name: pipeline)
        let range = BatchRange(pipeline, batch)
        let night = Night(
            BatchID(pipeline: pipeline, batch: batch), record,
            try RunRecord.all(reader, where: range.conditions))
        let slices = night.stages.filter { (stage ?? $0.name) == $0.name }
            .map { Slice(pipeline: pipeline, batch: batch, stage: $0.name) }
        var (predictions, rejections): ([FoundPrediction], [JSON]) = ([], [])
        for slice in slices {
            let conditions = [slice.condition, "item_id = \(item)"]
            predictions += try reader.rows(
                "SELECT \(raw: FoundPrediction.columns(reader.dialect)) FROM predictions\(conditions.whereClause)"
            ) { FoundPrediction($0, in: slice) }
            rejections += try reader.rows(
                "SELECT version, item_id, reason, message FROM rejections\(conditions.whereClause) ORDER BY reason"
            ) { RejectedItemsQuery.json(slice, $0) }
        }
        let (ledger, missing) = ledger(night)
        guard !predictions.isEmpty || !rejections.isEmpty || ledger != nil else {
            throw Fault(.missing, "'\(pipeline)' '\(batch)' has no item '\(item)'")
        }
        return body(predictions, rejections, ledger, missing, night)
    }

    /// The item's line of the last stage that it came to, or why there is none.
    private func ledger(_ night: Night) -> (line: JSON?, missing: String?) {
        guard let batches else {
            return (nil, "the server was started without --root: it sees no batches, only the database")
        }
        do throws(Fault) {
            let stages = night.stages.filter { $0.tool != "store" }.map(\.name).reversed()
            for stage in stages {
                let files = StageFiles(root: batches.root, pipeline: pipeline, batch: batch, stage: stage)
                if let row = try files.find(item)?.row { return (.object(row.object), nil) }
            }
            return (nil, "no stage's ledger holds the item: its versions were removed, or it ended before 'clean'")
        } catch {
            return (nil, error.message)
        }
    }

    private func body(
        _ predictions: [FoundPrediction], _ rejections: [JSON], _ ledger: JSON?, _ missing: String?, _ night: Night
    ) -> [UInt8] {
        var out = Array(#"{"predictions":["#.utf8)
        for (position, row) in predictions.enumerated() {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            row.write(to: &out)
        }
        let lineage: [JSON] = night.stages.compactMap { stage in
            guard let run = stage.run, !run.version.isEmpty else { return nil }
            return [
                "stage": .string(stage.name), "version": .string(run.version), "fingerprint": JSON(run.fingerprint),
                "tool": .string(stage.tool), "model": JSON(run.model), "started_at": JSON(run.startedAt),
            ]
        }
        let rest: JSON = [
            "rejections": .array(rejections), "ledger": ledger ?? .null, "ledger_missing": JSON(missing),
            "lineage": .array(lineage),
        ]
        // The rest is an object of its own: all of it but its opening brace.
        return out + "],".utf8 + rest.bytes(.compact).dropFirst()
    }
}
