import ArgumentParser
import Fault
import FetchStage
import PipelineConfig
import StageRun
import Time
import ToolKit

@main
struct FetchTool: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Downloads a batch's recordings and their metadata from a bucket, an index or a directory.",
        usage: "fetch PIPELINE [BATCH] [options]",
        discussion: """
            Lists the source, transfers what is new or changed since the last version, checks and hashes every object,
            and joins the items' metadata.

            EXAMPLES
              fetch digits 2026-11-20
              fetch digits 2026-11-20 --set fetch.source=s3://uploads/2026-11-20/ --dry-run
              fetch digits 2026-11-20 --watch --until 23:59

            \(ToolMain.exitStatus)
            """,
        version: "fetch \(BuildInfo.full)")

    static let tool = StageTool.fetch
    @OptionGroup var options: StageOptions

    @Flag(help: "Keeps looking for new objects, and seals them in parts as they arrive.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "Watches until the next such time by the pipeline's clock, or until a moment such as "
                + "2026-11-20T23:59; then seals the version.", valueName: "hh:mm"))
    var until: String?

    func validate() throws {
        if until != nil && !watch { throw ValidationError("--until requires --watch") }
        if watch && (options.why || options.dryRun) {
            throw ValidationError("--watch excludes --why and --dry-run")
        }
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome {
        let watch = watch ? Watch(until: try end(job.pipeline.schedule ?? Schedule())) : nil
        return try job.run(Fetch(job.config, environment: Environment.all, watch: watch))
    }

    private func end(_ schedule: Schedule) throws(Fault) -> Double? {
        guard let until else { return nil }
        guard let end = schedule.moment(until, after: WallClock.now()) else {
            throw Fault(.usage, "--until takes a time such as 23:59 or 2026-11-20T23:59, not '\(until)'")
        }
        return end
    }

    static func main() { ToolMain.run(Self.self) }
}
