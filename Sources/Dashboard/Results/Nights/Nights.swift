internal import Fault
internal import PipelineConfig
internal import Time

/// The existing batches, and the missing ones.
struct Nights {
    private let reader: Reader
    let pipelines: [PipelineRecord]
    private let now: Double

    /// - Parameter now: seconds since 1970.
    init(_ reader: Reader, now: Double) throws(Fault) {
        self.reader = reader
        self.now = now
        pipelines = try PipelineRecord.all(reader)
    }

    /// Every batch of a range, newest first: those with runs, and the days on which one was due but none began.
    func list(_ range: BatchRange) throws(Fault) -> [BatchID] {
        var range = range
        range.stage = nil
        var batches = Set(
            try reader.rows("SELECT DISTINCT pipeline, batch FROM runs\(range.conditions.whereClause)") {
                row -> BatchID? in
                guard let pipeline = row[0].text, let batch = row[1].text else { return nil }
                return BatchID(pipeline: pipeline, batch: batch)
            })
        for pipeline in pipelines where (range.pipeline ?? pipeline.name) == pipeline.name {
            for batch in try missing(pipeline) where range.holds(batch) { batches.insert(batch) }
        }
        return batches.sorted { $0.comesBefore($1) }
    }

    /// The days without a run between a pipeline's first batch and the one due by now.
    private func missing(_ pipeline: PipelineRecord) throws(Fault) -> [BatchID] {
        guard let expected = pipeline.schedule?.newestDueBatch(now: now), let last = CalendarDay(expected) else {
            return []
        }
        let batches = try reader.rows("SELECT DISTINCT batch FROM runs WHERE pipeline = \(pipeline.name)") {
            $0[0].text.flatMap { CalendarDay($0) }?.daysSince1970
        }
        // A pipeline whose first night is still to come has missed only that one; one abandoned years ago has not
        // missed every day since.
        let first = max(batches.min() ?? last.daysSince1970, last.daysSince1970 - 3660)
        guard first <= last.daysSince1970 else { return [] }
        let known = Set(batches)
        return (first...last.daysSince1970).filter { !known.contains($0) }
            .map { BatchID(pipeline: pipeline.name, batch: CalendarDay(daysSince1970: $0).text) }
    }

    // MARK: - The newest

    /// A table, and a selection of its rows.
    private typealias Rows = (table: String, conditions: [SQL])

    /// Rows that belong to stored results, which stay there when a later run of the same batch fails.
    private var stored: [Rows] {
        let sealed: [SQL] = ["status = 'sealed'", "\(reader.dialect.member("tool", of: "summary")) = 'store'"]
        return [("runs", sealed), ("receipts", [])]
    }

    /// The newest batch, even if no stage of it got as far as making a version.
    func newest(of pipeline: PipelineRecord) throws(Fault) -> BatchID? { try newest(of: pipeline, ("runs", [])) }

    /// The newest batch with stored results.
    func newestStored(of pipeline: PipelineRecord) throws(Fault) -> BatchID? {
        var found: [BatchID] = []
        for rows in stored { found += try newest(of: pipeline, rows).map { [$0] } ?? [] }
        return found.min { $0.comesBefore($1) }
    }

    /// Whether the results of a batch are stored.
    func isStored(_ batch: BatchID) throws(Fault) -> Bool {
        let conditions = BatchRange(batch.pipeline, batch.batch).conditions
        for rows in stored where try newestName(rows, conditions) != nil { return true }
        return false
    }

    /// With a schedule, nights are named by day: a trial with another name is neither newer nor older.
    private func newest(of pipeline: PipelineRecord, _ rows: Rows) throws(Fault) -> BatchID? {
        let usual = BatchRange(pipeline: pipeline.name).conditions
        var narrower: [SQL] = pipeline.schedule == nil ? [] : ["batch LIKE '____-__-__'"]
        while let name = try newestName(rows, usual + narrower) {
            if pipeline.schedule == nil || CalendarDay(name) != nil {
                return BatchID(pipeline: pipeline.name, batch: name)
            }
            narrower.append("batch < \(name)")
        }
        return nil
    }

    private func newestName(_ rows: Rows, _ conditions: [SQL]) throws(Fault) -> String? {
        let all = conditions + rows.conditions
        return try reader.rows("SELECT max(batch) FROM \(raw: rows.table)\(all.whereClause)") { $0[0].text }.first
    }

    /// Batches with their stages.
    func nights(_ batches: [BatchID]) throws(Fault) -> [BatchID: Night] {
        var found: [BatchID: Night] = [:]
        for (pipeline, wanted) in Dictionary(grouping: batches, by: \.pipeline) {
            let names = wanted.map(\.batch).sorted { $0.utf8Precedes($1) }
            guard let first = names.first, let last = names.last else { continue }
            let range = BatchRange(pipeline: pipeline, from: first, to: last)
            let runs = Dictionary(
                grouping: try RunRecord.all(reader, where: range.conditions), by: \.batch.batch)
            let audio = try audioSeconds(range)
            let record = pipelines.first { $0.name == pipeline } ?? PipelineRecord(name: pipeline)
            for batch in wanted {
                var night = Night(batch, record, runs[batch.batch] ?? [])
                night.audioSeconds = audio[batch.batch]
                found[batch] = night
            }
        }
        return found
    }

    private func audioSeconds(_ range: BatchRange) throws(Fault) -> [String: Double] {
        let conditions = range.conditions + ["field = ''", "figure = 'seconds'"]
        var seconds: [String: Double] = [:]
        try reader.forEachRow("SELECT batch, sum(sum) FROM quality_counts\(conditions.whereClause) GROUP BY batch") {
            if let batch = $0[0].text { seconds[batch] = $0[1].double }
        }
        return seconds
    }
}
