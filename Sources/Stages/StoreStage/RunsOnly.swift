internal import BatchFormat
public import Fault
public import PipelineConfig
internal import StageRun

extension StoreStage {
    /// Records the state of every stage of a batch, so that a night is seen that failed or was held back.
    ///
    /// - Returns: How many stages are not as they should be.
    @discardableResult
    public func recordRuns(of pipeline: PipelineConfig) throws(Fault) -> Int {
        var rows: [RunRow] = []
        for stage in pipeline.stages {
            rows.append(
                try RunFigures.row(
                    newestOf: StageFolder(
                        root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage.stage)))
        }
        let database = try open()
        try database.migrate()
        try database.record(batch, runs: rows)
        return rows.count { $0.status != .sealed }
    }
}
