public import Fault
internal import JSON
internal import Time

/// `/alerts`, newest first.
public struct AlertsQuery: ResultsQuery {
    /// The batches, and the stage.
    public var range: BatchRange
    /// The page.
    public var page: Page

    /// Makes a query for alerts.
    public init(_ range: BatchRange, page: Page = Page()) {
        self.range = range
        self.page = page
    }

    /// `{"alerts": [{"id", "pipeline", "batch", "stage", "version", "severity", "reason", "message", "detail", "raised_at",
    /// "acknowledged_at"}], "next"}`.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let limit = try page.checkedLimit()
        var conditions = range.conditions
        if let cursor = page.cursor {
            let values = try Cursor.values(cursor, count: 2)
            guard let moment = values[0].string, Moment(moment) != nil, let id = values[1].int else {
                throw Cursor.wrong
            }
            conditions.append("(raised_at, id) < (\(moment), \(id))")
        }
        let dialect = reader.dialect
        // One row more than needed shows whether there is another page.
        let found = try reader.rows(
            """
            SELECT id, pipeline, batch, stage, version, severity, reason, message, detail,
              \(raw: dialect.moment("raised_at")), \(raw: dialect.moment("acknowledged_at"))
            FROM alerts\(conditions.whereClause) ORDER BY raised_at DESC, id DESC LIMIT \(limit + 1)
            """
        ) { $0 }
        let alerts = found.prefix(limit).map { row -> JSON in
            [
                "id": JSON(row[0].int), "pipeline": JSON(row[1].text), "batch": JSON(row[2].text),
                "stage": JSON(row[3].text), "version": JSON(row[4].text), "severity": JSON(row[5].text),
                "reason": JSON(row[6].text), "message": JSON(row[7].text),
                "detail": (try? JSON(parsing: row[8].text ?? "")) ?? .null, "raised_at": JSON(row[9].text),
                "acknowledged_at": JSON(row[10].text),
            ]
        }
        let last = found.prefix(limit).last
        let next = found.count > limit ? last.map { Cursor.text([JSON($0[9].text), JSON($0[0].int)]) } : nil
        return JSON.object(["alerts": .array(alerts), "next": JSON(next)]).bytes(.compact)
    }
}
