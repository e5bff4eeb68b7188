import ArgumentParser
import Fault
import PipelineConfig
import StageRun
import StoreStage
import ToolKit

@main
struct StoreTool: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Loads predictions, rejections and every run's figures into SQLite or PostgreSQL.",
        usage: "store PIPELINE [BATCH] [options]",
        discussion: """
            Replaces the old rows with the version's and writes the load's receipt, in one transaction. Running it \
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
        help: "Only records the state of the batch's runs, including failed and held-back ones.")
    var runsOnly = false

    func run() throws {
        guard runsOnly else { return try runStage() }
        let job = try resolve()
        try stage(job).recordRuns(job.request, job.context)
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome { try job.run(stage(job)) }

    private func stage(_ job: StageJob) -> Store {
        Store(job.config, in: job.pipeline, databaseURL: Environment.value("NOCTURNE_DATABASE_URL"))
    }

    static func main() { ToolMain.run(Self.self) }
}
