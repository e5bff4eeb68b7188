public import Fault
internal import JSON

/// `/item`: everything known about one item.
public struct ItemQuery: Sendable {
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

    /// Makes a query for an item.
    public init(pipeline: String, batch: String, item: String, stage: String? = nil, batches: BatchFolders? = nil) {
        self.pipeline = pipeline
        self.batch = batch
        self.item = item
        self.stage = stage
        self.batches = batches
    }

    /// What the database has.
    fileprivate struct Rows {
        let predictions: [FoundPrediction]
        let rejections: [JSON]
        let steps: [Step]

        var isLoaded: Bool { !predictions.isEmpty || !rejections.isEmpty }
    }

    fileprivate func rows(_ reader: Reader) throws(Fault) -> Rows {
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
        // The runs listed beside rows are those they were made from; an item without rows may be one that has not been
        // loaded yet.
        let isLoaded = !predictions.isEmpty || !rejections.isEmpty
        let steps: [Step] = night.stages.compactMap { stage in
            (isLoaded ? stage.result : stage.run).map { (stage: stage, run: $0) }
        }
        return Rows(predictions: predictions, rejections: rejections, steps: steps)
    }

    /// A stage that the item may have passed through, and its run.
    fileprivate typealias Step = (stage: Night.Stage, run: RunRecord)

    /// The item's line in the last stage it reached, or why there is none.
    fileprivate func ledger(_ rows: Rows) async -> (line: JSON?, missing: Fault?) {
        guard let batches else {
            return (
                nil,
                Fault(.missing, "the server was started without --root: it sees only the database, not the batches")
            )
        }
        do throws(Fault) {
            let places = rows.steps.reversed().filter { $0.stage.tool != "store" }.map { stage, run in
                (stage: stage.name, version: rows.isLoaded ? run.receipt?.version : nil)
            }
            if let line = try await batches.ledger(pipeline: pipeline, batch: batch, item: item, of: places) {
                return (line, nil)
            }
            return (
                nil,
                Fault(
                    .missing,
                    "no stage's ledger contains the item: its versions were removed, or it was rejected before 'clean'")
            )
        } catch {
            return (nil, error)
        }
    }

    fileprivate func body(_ rows: Rows, _ ledger: JSON?, _ missing: String?) -> [UInt8] {
        var out = Array(#"{"predictions":["#.utf8)
        for (position, row) in rows.predictions.enumerated() {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            row.write(to: &out)
        }
        let lineage: [JSON] = rows.steps.filter { !$0.run.version.isEmpty }.map { stage, run in
            [
                "stage": .string(stage.name), "version": .string(run.version), "fingerprint": JSON(run.fingerprint),
                "tool": .string(stage.tool), "model": JSON(run.model), "started_at": JSON(run.startedAt),
            ]
        }
        let rest: JSON = [
            "rejections": .array(rows.rejections), "ledger": ledger ?? .null, "ledger_missing": JSON(missing),
            "lineage": .array(lineage),
        ]
        // The rest is an object of its own, appended without its opening brace.
        return out + "],".utf8 + rest.bytes(.compact).dropFirst()
    }
}

extension ResultsDatabase {
    /// `{"predictions", "rejections", "ledger", "ledger_missing", "lineage": [{"stage", "version", "fingerprint",
    /// "tool", "model", "started_at"}]}`. The files are read on their own threads, so that a long search in them delays
    /// no other query.
    ///
    /// Throws `.missing` if neither the database nor the disk knows the item, and otherwise like ``body(of:)`` and
    /// ``BatchFolders``.
    public func body(of query: ItemQuery) async throws(Fault) -> [UInt8] {
        let rows = try await readers.run { (reader) throws(Fault) in try query.rows(reader) }
        let (ledger, missing) = await query.ledger(rows)
        if !rows.isLoaded, ledger == nil {
            // An incomplete search cannot say whether the disk knows it.
            if let missing, missing.kind == .retryLater || missing.kind == .terminated { throw missing }
            throw Fault(.missing, "'\(query.pipeline)' '\(query.batch)' has no item '\(query.item)'")
        }
        return query.body(rows, ledger, missing?.message)
    }
}
