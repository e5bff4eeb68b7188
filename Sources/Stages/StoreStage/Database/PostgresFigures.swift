internal import Fault
internal import JSON
internal import PostgresClient

extension PostgresSession {
    /// Writes what a load has besides its rows, and announces it; the counts of the replaced stages are removed.
    func write(_ batch: BatchName, _ figures: LoadFigures, replacing stages: [String]) throws(Fault) {
        try write(batch, figures.runs)
        try remove(batch, stages: stages, from: "label_counts", "quality_counts")
        try write(batch, figures.labels)
        try write(batch, figures.quality)
        if let pipeline = figures.pipeline { try write(batch, pipeline) }
        // Sent to listeners when the transaction commits, and never if it does not.
        let payload: JSON = ["pipeline": .string(batch.pipeline), "batch": .string(batch.batch)]
        try connection.execute("SELECT pg_notify('nocturne', $1)", [payload.text(.compact)])
    }

    private func write(_ batch: BatchName, _ runs: [RunRow]) throws(Fault) {
        try remove(batch, stages: runs.map(\.stage), from: "runs")
        try copy(runs, into: "runs", Columns.runs) { (run, rows) throws(Fault) in
            try rows.append(batch, run.stage, run.version)
            try rows.append(run.fingerprint)
            rows.append(run.items)
            rows.append(run.rejected)
            rows.append(run.seconds)
            rows.append(run.peakMemoryBytes)
            rows.append(run.bytesIn)
            rows.append(run.bytesOut)
            try rows.append(run.status.rawValue)
            rows.append(microsecondsSince1970: run.startedAt?.microseconds)
            rows.append(microsecondsSince1970: run.finishedAt?.microseconds)
            rows.append(run.summary)
        }
    }

    private func write(_ batch: BatchName, _ labels: [LabelCountRow]) throws(Fault) {
        try copy(labels, into: "label_counts", Columns.labelCounts) { (row, rows) throws(Fault) in
            try rows.append(batch, row.stage, row.version)
            try rows.append(row.model)
            try rows.append(row.modelVersion)
            try rows.append(row.field)
            try rows.append(row.value)
            try rows.append(row.label)
            rows.append(row.items)
            rows.append(row.scoreSum)
            rows.append(json: JSON(counts: row.scoreBins))
        }
    }

    private func write(_ batch: BatchName, _ quality: [QualityCountRow]) throws(Fault) {
        try copy(quality, into: "quality_counts", Columns.qualityCounts) { (row, rows) throws(Fault) in
            try rows.append(batch, row.stage, row.version)
            try rows.append(row.field)
            try rows.append(row.value)
            try rows.append(row.figure)
            rows.append(row.items)
            rows.append(row.sum)
            rows.append(row.minimum)
            rows.append(row.maximum)
        }
    }

    /// Sends rows into a table with one COPY, if there are any.
    private func copy<Row>(
        _ rows: [Row], into table: String, _ columns: [String], _ append: (Row, inout CopyRows) throws(Fault) -> Void
    ) throws(Fault) {
        if rows.isEmpty { return }
        var copied = CopyRows(columns: columns.count)
        for row in rows {
            try append(row, &copied)
            copied.endRow()
        }
        try connection.copy(copied, into: "\(table) (\(Columns.list(columns)))")
    }

    /// Two batches of a pipeline may be loaded at once: the row is updated in place, and the later load waits.
    private func write(_ batch: BatchName, _ pipeline: PipelineRow) throws(Fault) {
        let changes = Columns.pipelines.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO pipelines (\(Columns.list(Columns.pipelines)))
            VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, clock_timestamp())
            ON CONFLICT (pipeline) DO UPDATE SET \(changes)
            """,
            [
                batch.pipeline, pipeline.description, pipeline.due, pipeline.timezone,
                pipeline.daysBack.map { String($0) }, pipeline.stages.text(.line), batch.batch,
            ])
    }
}
