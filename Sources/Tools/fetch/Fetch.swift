import ArgumentParser
import Fault
import FetchStage
import PipelineConfig
import StageRun
import Time
import ToolKit

@main
struct Fetch: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Brings a batch's recordings and their metadata from a bucket, an index or a directory.",
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

    @Flag(help: "Goes on looking for new objects, and seals parts of them as they come.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "When watching, until the next time that the pipeline's clock says so, or until a moment such as "
                + "2026-11-20T23:59; then the version is sealed.", valueName: "hh:mm"))
    var until: String?

    func validate() throws {
        if until != nil && !watch { throw ValidationError("--until goes with --watch") }
        if watch && (options.why || options.dryRun) {
            throw ValidationError("--watch goes with neither --why nor --dry-run")
        }
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome {
        try FetchStage(
            config: job.config, request: job.request, context: job.context, environment: Environment.all
        ).run(watch: watch ? Watch(until: try end(job.pipeline.schedule ?? Schedule())) : nil)
    }

    private func end(_ schedule: Schedule) throws(Fault) -> Double? {
        guard let until else { return nil }
        guard let end = schedule.moment(until, after: WallClock.now()) else {
            throw Fault(.usage, "--until takes a time such as 23:59, or 2026-11-20T23:59; it got '\(until)'")
        }
        return end
    }

    static func main() { ToolMain.run(Self.self) }
}
