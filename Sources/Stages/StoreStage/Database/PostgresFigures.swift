internal import Fault
internal import JSON
internal import PostgresClient

extension PostgresSession {
    /// Writes what a load has beside its rows, and announces it; the counts of the stages that it replaces go.
    func write(_ batch: BatchName, _ figures: LoadFigures, replacing stages: [String]) throws(Fault) {
        try write(batch, figures.runs)
        for table in ["label_counts", "quality_counts"] {
            for stage in stages {
                try connection.execute(
                    "DELETE FROM \(table) WHERE pipeline = $1 AND batch = $2 AND stage = $3",
                    [batch.pipeline, batch.batch, stage])
            }
        }
        try write(batch, figures.labels)
        try write(batch, figures.quality)
        if let pipeline = figures.pipeline { try write(batch, pipeline) }
        // Told to those who listen when the transaction commits, and never if it does not.
        let payload: JSON = ["pipeline": .string(batch.pipeline), "batch": .string(batch.batch)]
        try connection.execute("SELECT pg_notify('nocturne', $1)", [payload.text(.compact)])
    }

    private func write(_ batch: BatchName, _ runs: [RunRow]) throws(Fault) {
        for run in runs {
            try connection.execute(
                "DELETE FROM runs WHERE pipeline = $1 AND batch = $2 AND stage = $3",
                [batch.pipeline, batch.batch, run.stage])
            var rows = CopyRows(columns: Columns.runs.count)
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
            rows.endRow()
            try connection.copy(rows, into: "runs (\(Columns.list(Columns.runs)))")
        }
    }

    private func write(_ batch: BatchName, _ labels: [LabelCountRow]) throws(Fault) {
        if labels.isEmpty { return }
        var rows = CopyRows(columns: Columns.labelCounts.count)
        for row in labels {
            try rows.append(batch, row.stage, row.version)
            try rows.append(row.model)
            try rows.append(row.modelVersion)
            try rows.append(row.field)
            try rows.append(row.value)
            try rows.append(row.label)
            rows.append(row.items)
            rows.append(row.scoreSum)
            rows.append(json: JSON(counts: row.scoreBins))
            rows.endRow()
        }
        try connection.copy(rows, into: "label_counts (\(Columns.list(Columns.labelCounts)))")
    }

    private func write(_ batch: BatchName, _ quality: [QualityCountRow]) throws(Fault) {
        if quality.isEmpty { return }
        var rows = CopyRows(columns: Columns.qualityCounts.count)
        for row in quality {
            try rows.append(batch, row.stage, row.version)
            try rows.append(row.field)
            try rows.append(row.value)
            try rows.append(row.figure)
            rows.append(row.items)
            rows.append(row.sum)
            rows.append(row.minimum)
            rows.append(row.maximum)
            rows.endRow()
        }
        try connection.copy(rows, into: "quality_counts (\(Columns.list(Columns.qualityCounts)))")
    }

    /// Two batches of a pipeline may be loaded at once: the row is changed in place, which the later one waits for.
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

extension CopyRows {
    /// The four columns that most tables begin with.
    fileprivate mutating func append(_ batch: BatchName, _ stage: String, _ version: String) throws(Fault) {
        try append(batch.pipeline)
        try append(batch.batch)
        try append(stage)
        try append(version)
    }
}
