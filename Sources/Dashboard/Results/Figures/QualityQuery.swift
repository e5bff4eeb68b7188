public import Fault
internal import JSON

/// `/quality`: what `clean` measured in the recordings, by batch.
public struct QualityQuery: ResultsQuery {
    /// The batches, and the stage that measured.
    public var range: BatchRange
    /// A field of `store.group_by` whose values are shown separately; `nil` takes all items together.
    public var by: String?

    /// Makes a query for quality figures.
    public init(_ range: BatchRange, by: String? = nil) {
        self.range = range
        self.by = by
    }

    /// `{"batches": [{"pipeline", "batch", "stage", "value", "figure", "items", "mean", "minimum", "maximum"}]}`, oldest first. The mean
    /// of `filled.NAME` is the share of items whose field was filled.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let conditions = range.conditions + ["field = \(by ?? "")"]
        let rows = try reader.rows(
            """
            SELECT pipeline, batch, stage, value, figure, items, sum, minimum, maximum
            FROM quality_counts\(conditions.whereClause) ORDER BY batch, pipeline, stage, figure, value
            """
        ) { row -> JSON? in
            guard let items = row[5].int, let sum = row[6].double, items > 0 else { return nil }
            return [
                "pipeline": JSON(row[0].text), "batch": JSON(row[1].text), "stage": JSON(row[2].text),
                "value": JSON(row[3].text), "figure": JSON(row[4].text), "items": JSON(items),
                "mean": .double(sum / Double(items)), "minimum": JSON(row[7].double), "maximum": JSON(row[8].double),
            ]
        }
        return JSON.object(["batches": .array(rows)]).bytes(.compact)
    }
}
