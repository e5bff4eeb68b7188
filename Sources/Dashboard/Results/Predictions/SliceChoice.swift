internal import Fault

/// The slices that may contain what a query searches for.
///
/// The counts kept by `store` show that a slice has no item with a label, in a score's bin, or with a field's value; if
/// there are none, because an older release loaded the batch or it is not grouped by that field, the slice is searched.
struct SliceChoice {
    private let query: PredictionsQuery

    init(_ query: PredictionsQuery) { self.query = query }

    /// The slices, in the order of the search.
    func slices(_ reader: Reader, newestFirst: Bool) throws(Fault) -> [Slice] {
        let asked = counted
        // A receipt says what is stored. Batches loaded by an earlier release have none: then use the runs.
        let conditions =
            query.range.conditions + [
                """
                (c.predictions > 0
                  OR c.predictions IS NULL AND \(reader.dialect.member("tool", of: "summary")) = 'infer')
                """
            ]
        let counts: SQL =
            asked.map { asked in
                let rows: SQL = """
                    FROM label_counts l WHERE l.pipeline = r.pipeline AND l.field = \(asked.field) AND l.batch = r.batch
                      AND l.stage = r.stage
                    """
                return """
                    , EXISTS (SELECT 1 \(rows)),
                    (SELECT count(*) \(rows) AND \(SQL.joined(asked.conditions, by: " AND ")))
                    """
            } ?? ""
        let found = try reader.rows(
            """
            SELECT pipeline, batch, stage\(counts)
            FROM runs r LEFT JOIN receipts c USING (pipeline, batch, stage)\(conditions.whereClause)
            """
        ) { row -> Slice? in
            guard let pipeline = row[0].text, let batch = row[1].text, let stage = row[2].text else { return nil }
            if row.count > 3, row[3].bool, row[4].int == 0 { return nil }
            return Slice(pipeline: pipeline, batch: batch, stage: stage)
        }
        return found.sorted { $0.precedes($1, newestFirst: newestFirst) }
    }

    /// Whether the query narrows by something that is counted.
    var isNarrow: Bool { counted != nil }

    /// A bound, from the histograms, on the scores of the first `count` rows after a place: if the bins up to it
    /// contain that many items, none of those rows is beyond it. `nil` if the counts do not cover the query.
    func bound(_ reader: Reader, of count: Int, after place: SQLValue?) throws(Fault) -> SQL? {
        let (asked, last) = (counted, ScoreBins.count - 1)
        guard (query.text ?? "").isEmpty, query.model == nil, query.minScore == nil, query.maxScore == nil,
            query.fields.allSatisfy({ $0.name == asked?.field })
        else { return nil }
        var first = query.isDescending ? last : 0
        if let place {
            // How many items of the place's own bin come after it is unknown.
            guard let score = place.double else { return nil }
            first = bin(score) + (query.isDescending ? -1 : 1)
        }
        var held = [Int](repeating: 0, count: last + 1)
        let conditions = query.range.conditions + ["field = \(asked?.field ?? "")"] + (asked?.conditions ?? [])
        try reader.forEachRow("SELECT score_bins FROM label_counts l\(conditions.whereClause)") { row in
            guard let bins = ScoreBins(row[0]) else { return }
            for bin in held.indices { held[bin] += bins.counts[bin] }
        }
        var found = 0
        for bin in stride(from: first, through: query.isDescending ? 1 : last - 1, by: query.isDescending ? -1 : 1) {
            found += held[bin]
            if found < count { continue }
            let edge = Double(query.isDescending ? bin : bin + 1) / Double(last + 1)
            return query.isDescending ? "score >= \(edge)" : "score < \(edge)"
        }
        return nil
    }

    /// The group of counts to read, and which of its rows would contain an answer; `nil` if the query narrows by
    /// nothing that is counted.
    private var counted: (field: String, conditions: [SQL])? {
        // Numbers and booleans have several spellings, so only texts are compared with the counts.
        let field = query.fields.first { Double($0.value) == nil && $0.value != "true" && $0.value != "false" }
        var conditions: [SQL] = []
        if let field { conditions.append("l.value = \(field.value)") }
        // Longer labels are truncated in the counts.
        if let label = query.label, label.utf8.count <= 256 { conditions.append("l.label = \(label)") }
        if let bins = scoreBins {
            let some = bins.map { "CAST(l.score_bins->>\($0) AS TEXT) <> '0'" }.joined(separator: " OR ")
            conditions.append("(\(raw: some))")
        }
        return conditions.isEmpty ? nil : (field?.name ?? "", conditions)
    }

    /// The twentieths from 0 to 1 in which the requested scores can be; `nil` for all.
    private var scoreBins: ClosedRange<Int>? {
        let bins = (query.minScore.map(bin) ?? 0)...max(query.minScore.map(bin) ?? 0, query.maxScore.map(bin) ?? 19)
        return bins == 0...19 ? nil : bins
    }

    private func bin(_ score: Double) -> Int { Int(min(max(score, 0), 0.999) * 20) }
}
