internal import BatchFormat
public import Fault
internal import PipelineConfig
public import StageRun

extension Store {
    /// Records the state of every stage of a batch, and the batch's alerts, so that a night that failed or was held
    /// back is visible.
    ///
    /// - Returns: how many stages are not in order.
    @discardableResult
    public func recordRuns(_ request: StageRequest, _ context: RunContext) throws(Fault) -> Int {
        let database = try open(request, context)
        try database.migrate()
        let receipts = try database.receipts(request.batchName)
        var rows: [RunRow] = []
        for stage in pipeline.stages {
            let folder = try request.address.stage(stage.stage)
            let receipt = receipts.first { $0.loaded.stage == stage.stage }
            rows.append(
                try RunRows.row(
                    newestOf: folder, loaded: receipt.map { RunRows.row(loaded: $0.loaded, in: folder) }))
        }
        let alerts = try AlertRow.rows(
            batchFolder: "\(request.address.root)/\(request.address.pipeline)/\(request.address.batch)")
        try database.record(
            request.batchName, LoadFigures(runs: rows, pipeline: PipelineRow(pipeline)), alerts: alerts)
        return rows.count { $0.status != .sealed }
    }
}
