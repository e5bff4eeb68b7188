import ArgumentParser
import Fault
import PipelineConfig
import StageRun
import StoreStage
import ToolKit

@main
struct Store: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Loads predictions, rejections and every run's figures into SQLite or PostgreSQL.",
        usage: "store PIPELINE [BATCH] [options]",
        discussion: """
            Puts the version's rows in the old ones' place and writes the load's receipt, in one transaction. Running it \
            twice changes nothing: the receipt in the database decides.

            EXAMPLES
              store digits 2026-11-20
              NOCTURNE_DATABASE_URL=postgresql://nocturne@db/results store digits 2026-11-20

            \(ToolMain.exitStatus)
            """,
        version: "store \(BuildInfo.full)")

    static let tool = StageTool.store
    @OptionGroup var options: StageOptions
    @Flag(
        name: .customLong("runs-only"),
        help: "Records the batch's runs as they stand, failed and held-back ones too, and loads nothing else.")
    var runsOnly = false

    func run() throws {
        guard runsOnly else { return try runStage() }
        let job = try resolve()
        try stage(job).recordRuns()
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome { try stage(job).run() }

    private func stage(_ job: StageJob) -> StoreStage {
        StoreStage(
            pipeline: job.pipeline, config: job.config, request: job.request, context: job.context,
            databaseURL: Environment.value("NOCTURNE_DATABASE_URL"))
    }

    static func main() { ToolMain.run(Self.self) }
}
