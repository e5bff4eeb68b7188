internal import Fault
internal import JSON

/// Finds a page of predictions.
struct PredictionSearch {
    private let query: PredictionsQuery
    private let reader: Reader
    private let limit: Int

    /// Rows, and where they continue.
    struct Found {
        var rows: [FoundPrediction]
        var next: String?
        /// Whether it ended early because it took long.
        var isCutShort = false
    }

    /// Throws `.usage` for invalid filters.
    init(_ query: PredictionsQuery, _ reader: Reader) throws(Fault) {
        self.query = query
        self.reader = reader
        limit = try query.page.checkedLimit()
        for score in [query.minScore, query.maxScore] where score?.isFinite == false {
            throw Fault(.usage, "a score is a number")
        }
        for field in query.fields where !Dialect.isName(field.name) {
            throw Fault(.usage, "a field with the name '\(field.name)' cannot be searched")
        }
    }

    /// The page at the query's cursor.
    func page() throws(Fault) -> Found {
        switch query.sort {
        case .batch: try byBatch()
        case .item: try byItem()
        case .score, .recordedAt: try byColumn()
        }
    }

    /// The conditions on every row, except for the slice.
    private func filters() -> [SQL] {
        var filters: [SQL] = []
        if let label = query.label {
            filters.append(label.isEmpty ? "(label IS NULL OR label = '')" : "label = \(label)")
        }
        if let model = query.model {
            let at = model.utf8.lastIndex(of: UInt8(ascii: "@"))
            filters.append("model = \(String(at.map { model[..<$0] } ?? model[...]))")
            if let at { filters.append("model_version = \(String(model[model.utf8.index(after: at)...]))") }
        }
        if let least = query.minScore { filters.append("score >= \(least)") }
        if let most = query.maxScore { filters.append("score <= \(most)") }
        for field in query.fields {
            filters.append("\(reader.dialect.member(field.name, of: "fields")) = \(field.value)")
        }
        if let text = query.text, !text.isEmpty {
            let wanted = String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
            let position = reader.dialect.position
            let said = reader.dialect.member("text", of: "output")
            let collation = reader.dialect == .postgres ? #" COLLATE "C""# : ""
            filters.append(
                """
                (\(raw: position)(lower(item_id), \(wanted)) > 0
                  OR \(raw: position)(lower(\(said)\(raw: collation)), \(wanted)) > 0)
                """)
        }
        return filters
    }

    private func rows(
        of slice: Slice, _ conditions: [SQL], orderedBy order: String, _ count: Int
    ) throws(Fault) -> [FoundPrediction] {
        let all = [slice.condition] + filters() + conditions
        return try reader.rows(
            """
            SELECT \(raw: FoundPrediction.columns(reader.dialect)) FROM predictions\(all.whereClause)
            ORDER BY \(raw: order) LIMIT \(count)
            """
        ) { FoundPrediction($0, in: slice) }
    }

    // MARK: - By batch

    /// One slice after the other, each in the order of its key.
    private func byBatch() throws(Fault) -> Found {
        var slices = try SliceChoice(query).slices(reader, newestFirst: query.isDescending)
        var after: (slice: Slice, item: String)?
        if let cursor = query.page.cursor {
            let values = try Cursor.values(cursor, count: 5)
            guard values[0] == "batch", let slice = Slice(values[1...3]) else { throw Cursor.wrong }
            slices.removeAll { $0.precedes(slice, newestFirst: query.isDescending) }
            if let item = values[4].string {
                after = (slice, item)
            } else {
                // The slice was read to its end.
                slices.removeAll { $0 == slice }
            }
        }
        let began = ContinuousClock.now
        var found: [FoundPrediction] = []
        for slice in slices {
            var conditions: [SQL] = []
            if let after, after.slice == slice { conditions.append("item_id > \(after.item)") }
            let wanted = limit - found.count
            found += try rows(of: slice, conditions, orderedBy: "item_id", wanted)
            if found.count == limit {
                return Found(rows: found, next: found.last.map { Self.cursor(slice, $0.item) })
            }
            if ContinuousClock.now - began > query.patience, slice != slices.last {
                return Found(rows: found, next: Self.cursor(slice, nil), isCutShort: true)
            }
        }
        return Found(rows: found, next: nil)
    }

    private static func cursor(_ slice: Slice, _ item: String?) -> String {
        Cursor.text(["batch"] + slice.json + [JSON(item)])
    }

    /// Every row, in the order of batches, some thousand at a time.
    func forEachPage(_ body: ([FoundPrediction]) throws(Fault) -> Void) throws(Fault) {
        let count = 2000
        for slice in try SliceChoice(query).slices(reader, newestFirst: query.isDescending) {
            var last: String?
            repeat {
                let found = try rows(of: slice, last.map { ["item_id > \($0)"] } ?? [], orderedBy: "item_id", count)
                try body(found)
                last = found.count == count ? found.last?.item : nil
            } while last != nil
        }
    }

    // MARK: - By another column

    /// By item: the best rows of every slice, merged. Each slice is ordered, and is only queried for rows better than
    /// the worst so far.
    private func byItem() throws(Fault) -> Found {
        let order = SortOrder(.item, isDescending: query.isDescending)
        let start = try query.page.cursor.map { (text) throws(Fault) in try order.place(text) }
        var best: [FoundPrediction] = []
        let began = ContinuousClock.now
        for slice in try SliceChoice(query).slices(reader, newestFirst: true) {
            var conditions = start.map { [order.after($0)] } ?? []
            if best.count > limit, let worst = best.last {
                // Among equal rows, that of the newer slice comes first.
                conditions.append(query.isDescending ? "item_id > \(worst.item)" : "item_id < \(worst.item)")
            }
            best += try rows(
                of: slice, conditions, orderedBy: query.isDescending ? "item_id DESC" : "item_id", limit + 1)
            best.sort { a, b in
                if a.item.hasSameBytes(as: b.item) { return a.slice.precedes(b.slice, newestFirst: true) }
                return a.item.utf8Precedes(b.item) != query.isDescending
            }
            best.removeLast(max(0, best.count - limit - 1))
            if ContinuousClock.now - began > .seconds(10) { throw Interruption.overdue(seconds: 10) }
        }
        return page(best, order)
    }

    /// By a column without an index: every row is read, of all slices in one statement, which PostgreSQL spreads over
    /// its processors.
    private func byColumn() throws(Fault) -> Found {
        let order = SortOrder(query.sort, isDescending: query.isDescending)
        let start = try query.page.cursor.map { (text) throws(Fault) in try order.place(text) }
        let choice = SliceChoice(query)
        var conditions = query.range.conditions + filters()
        if choice.isNarrow {
            let batches = Set(try choice.slices(reader, newestFirst: true).map { $0.batch })
            if batches.isEmpty { return Found(rows: [], next: nil) }
            conditions.append("batch IN (\(SQL.joined(batches.map { "\($0)" }, by: ", ")))")
        }
        if let start { conditions.append(order.after(start)) }
        if query.sort == .score, let bound = try choice.bound(reader, of: limit + 1, after: start?.key) {
            let found = try rows(conditions + [bound], order)
            // If there were fewer, rows beyond the bound might belong to them.
            if found.count > limit { return page(found, order) }
        }
        return page(try rows(conditions, order), order)
    }

    private func rows(_ conditions: [SQL], _ order: SortOrder) throws(Fault) -> [FoundPrediction] {
        // Only the rows that are shown have their columns formatted.
        try reader.rows(
            """
            SELECT pipeline, batch, stage, \(raw: FoundPrediction.columns(reader.dialect))
            FROM (SELECT * FROM predictions\(conditions.whereClause) ORDER BY \(raw: order.clause) LIMIT \(limit + 1)) best
            ORDER BY \(raw: order.clause)
            """
        ) { row in
            guard let pipeline = row[0].text, let batch = row[1].text, let stage = row[2].text else { return nil }
            return FoundPrediction(Array(row[3...]), in: Slice(pipeline: pipeline, batch: batch, stage: stage))
        }
    }

    /// A page of rows, given one more than needed if there is a next page.
    private func page(_ rows: [FoundPrediction], _ order: SortOrder) -> Found {
        guard rows.count > limit else { return Found(rows: rows, next: nil) }
        return Found(rows: rows.dropLast(), next: order.cursor(rows[limit - 1]))
    }
}
