internal import GRDB
internal import JSON

extension SQLiteStaging {
    /// Writes what a load has besides its rows; the counts of the replaced stages are removed.
    static func write(
        _ batch: BatchName, _ figures: LoadFigures, replacing stages: [String], _ database: Database
    ) throws {
        for run in figures.runs {
            try insert(
                "runs", Columns.runs,
                [
                    batch.pipeline, batch.batch, run.stage, run.version, run.fingerprint, run.items, run.rejected,
                    run.seconds, run.peakMemoryBytes, run.bytesIn, run.bytesOut, run.status.rawValue,
                    run.startedAt?.text, run.finishedAt?.text, text(run.summary),
                ], database)
        }
        for table in ["label_counts", "quality_counts"] { try remove(batch, stages: stages, from: table, database) }
        for row in figures.labels {
            try insert(
                "label_counts", Columns.labelCounts,
                [
                    batch.pipeline, batch.batch, row.stage, row.version, row.model, row.modelVersion, row.field,
                    row.value, row.label, row.items, row.scoreSum, JSON(counts: row.scoreBins).text(.line),
                ], database)
        }
        for row in figures.quality {
            try insert(
                "quality_counts", Columns.qualityCounts,
                [
                    batch.pipeline, batch.batch, row.stage, row.version, row.field, row.value, row.figure, row.items,
                    row.sum, row.minimum, row.maximum,
                ], database)
        }
        guard let pipeline = figures.pipeline else { return }
        let moment = try String.fetchOne(database, sql: "SELECT \(now)")
        try insert(
            "pipelines", Columns.pipelines,
            [
                batch.pipeline, pipeline.description, pipeline.due, pipeline.timezone, pipeline.daysBack,
                pipeline.stages.text(.line), batch.batch, moment,
            ], database)
    }

    private static func insert(
        _ table: String, _ columns: [String], _ values: StatementArguments, _ database: Database
    ) throws {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO main.\(table) (\(Columns.list(columns))) VALUES (\(marks))")
        try statement.execute(arguments: values)
    }
}

extension JSON {
    /// A list of counts.
    init(counts: [Int]) { self = .array(counts.map { .int(Int64($0)) }) }
}
