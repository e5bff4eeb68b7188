import ArgumentParser
import Fault
import FetchStage
import PipelineConfig
import StageRun
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

            \(ToolMain.exitStatus)
            """,
        version: "fetch \(BuildInfo.full)")

    static let tool = StageTool.fetch
    @OptionGroup var options: StageOptions

    func run(_ job: StageJob) throws(Fault) -> StageOutcome {
        try FetchStage(
            config: job.config, request: job.request, context: job.context, environment: Environment.all
        ).run()
    }

    static func main() { ToolMain.run(Self.self) }
}
