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
        let database = try open()
        try database.migrate()
        let receipts = try database.receipts(batch)
        var rows: [RunRow] = []
        for stage in pipeline.stages {
            let folder = try folder(of: stage.stage)
            let receipt = receipts.first { $0.loaded.stage == stage.stage }
            rows.append(
                try RunFigures.row(
                    newestOf: folder, loaded: receipt.map { RunFigures.row(loaded: $0.loaded, in: folder) }))
        }
        let alerts = try AlertRow.rows(batchFolder: "\(request.root)/\(request.pipeline)/\(request.batch)")
        try database.record(batch, LoadFigures(runs: rows, pipeline: PipelineRow(pipeline)), alerts: alerts)
        return rows.count { $0.status != .sealed }
    }
}
