internal import BatchFormat
public import Fault
internal import PipelineConfig
internal import StageRun

extension StoreStage {
    /// Records the state of every stage of a batch, and the batch's alerts, so that a night is seen that failed or was held
    /// back.
    ///
    /// - Returns: How many stages are not as they should be.
    @discardableResult
    public func recordRuns() throws(Fault) -> Int {
        var rows: [RunRow] = []
        for stage in pipeline.stages {
            rows.append(
                try RunFigures.row(
                    newestOf: StageFolder(
                        root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage.stage)))
        }
        let alerts = try AlertRow.rows(batchFolder: "\(request.root)/\(request.pipeline)/\(request.batch)")
        let database = try open()
        try database.migrate()
        try database.record(batch, LoadFigures(runs: rows, pipeline: PipelineRow(pipeline)), alerts: alerts)
        return rows.count { $0.status != .sealed }
    }
}
