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

    @Flag(help: "Only checks whether the database has the batch; exit code 66, and what it lacks, if not.")
    var check = false

    func validate() throws {
        if runsOnly && check { throw ValidationError("--runs-only and --check exclude each other") }
    }

    func run() throws {
        guard check || runsOnly else { return try runStage() }
        do throws(Fault) {
            let job = try resolve()
            if check {
                try stage(job).requireStored(job.request, job.context)
            } else {
                try stage(job).recordRuns(job.request, job.context)
            }
        } catch {
            if options.json { ToolMain.print(error) }
            throw error
        }
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome { try job.run(stage(job)) }

    private func stage(_ job: StageJob) -> Store {
        Store(job.config, in: job.pipeline, databaseURL: Environment.value("NOCTURNE_DATABASE_URL"))
    }

    static func main() { ToolMain.run(Self.self) }
}
