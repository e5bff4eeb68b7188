public import Fault
internal import JSON

/// `/rejections`: how many items were rejected, by batch, stage and reason.
public struct RejectionsQuery: ResultsQuery {
    /// The batches, and the stage.
    public var range: BatchRange

    /// Makes a query for counts of rejections.
    public init(_ range: BatchRange) { self.range = range }

    /// `{"batches": [{"pipeline", "batch", "stage", "reason", "items"}]}`, oldest first.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        // The runs have the counts of each version's seal; what the store itself rejected is only in the table.
        var rows: [JSON] = []
        var batches = range
        batches.stage = nil
        let nights = Dictionary(grouping: try RunRecord.all(reader, where: batches.conditions), by: \.batch)
        let runs = nights.values.flatMap(\.ofResults).sorted {
            $0.batch == $1.batch ? $0.stage.utf8Precedes($1.stage) : $1.batch.comesBefore($0.batch)
        }
        for run in runs where range.stage == nil || range.stage == run.stage {
            var counts = run.summary["rejected_by_reason"]?.object?.members.map { ($0.name, $0.value.int ?? 0) } ?? []
            if counts.isEmpty, run.rejected ?? 0 > 0 {
                let conditions = BatchRange(run.batch.pipeline, run.batch.batch).conditions + ["stage = \(run.stage)"]
                counts = try reader.rows(
                    "SELECT reason, count(*) FROM rejections\(conditions.whereClause) GROUP BY reason ORDER BY reason"
                ) { row in row[0].text.map { ($0, row[1].int ?? 0) } }
            }
            rows += counts.map { reason, items in
                [
                    "pipeline": .string(run.batch.pipeline), "batch": .string(run.batch.batch),
                    "stage": .string(run.stage), "reason": .string(reason), "items": JSON(items),
                ]
            }
        }
        return JSON.object(["batches": .array(rows)]).bytes(.compact)
    }
}

/// `/rejections/items`: the rejected items, newest batch first.
public struct RejectedItemsQuery: ResultsQuery {
    /// The batches, and the stage.
    public var range: BatchRange
    /// One reason; `nil` for all.
    public var reason: String?
    /// The page.
    public var page: Page

    /// Makes a query for rejected items.
    public init(_ range: BatchRange, reason: String? = nil, page: Page = Page()) {
        self.range = range
        self.reason = reason
        self.page = page
    }

    /// `{"rejections": [{"pipeline", "batch", "stage", "version", "item", "reason", "message"}], "next"}`.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let limit = try page.checkedLimit()
        // Few batches are read for a page: their rows are stored together, and sorted here.
        var slices = try reader.rows(
            """
            SELECT pipeline, batch, stage FROM runs r LEFT JOIN receipts c USING (pipeline, batch, stage)
            \((range.conditions + ["coalesce(c.rejections, r.rejected) > 0"]).whereClause)
            """
        ) { row -> Slice? in
            guard let pipeline = row[0].text, let batch = row[1].text, let stage = row[2].text else { return nil }
            return Slice(pipeline: pipeline, batch: batch, stage: stage)
        }.sorted { $0.precedes($1, newestFirst: true) }
        var after: (slice: Slice, item: String)?
        if let cursor = page.cursor {
            let values = try Cursor.values(cursor, count: 4)
            guard let slice = Slice(values[0...2]), let item = values[3].string else { throw Cursor.wrong }
            slices.removeAll { $0.precedes(slice, newestFirst: true) }
            after = (slice, item)
        }
        var (rows, next): ([JSON], String?) = ([], nil)
        for slice in slices where next == nil {
            var conditions = [slice.condition]
            if let reason { conditions.append("reason = \(reason)") }
            if let after, after.slice == slice { conditions.append("item_id > \(after.item)") }
            try reader.forEachRow(
                """
                SELECT version, item_id, reason, message FROM rejections\(conditions.whereClause)
                ORDER BY item_id LIMIT \(limit - rows.count)
                """
            ) { row in
                rows.append(Self.json(slice, row))
                if rows.count == limit { next = Cursor.text(slice.json + [JSON(row[1].text)]) }
            }
        }
        return JSON.object(["rejections": .array(rows), "next": JSON(next)]).bytes(.compact)
    }

    /// A row: version, item, reason, message.
    static func json(_ slice: Slice, _ row: [SQLValue]) -> JSON {
        [
            "pipeline": .string(slice.pipeline), "batch": .string(slice.batch), "stage": .string(slice.stage),
            "version": JSON(row[0].text), "item": JSON(row[1].text), "reason": JSON(row[2].text),
            "message": JSON(row[3].text),
        ]
    }
}
