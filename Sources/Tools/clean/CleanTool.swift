import ArgumentParser
import CleanStage
import Fault
import PipelineConfig
import StageRun
import ToolKit

@main
struct CleanTool: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Validates recordings, fills gaps in their metadata, and converts audio to one rate and one channel.",
        usage: "clean PIPELINE [BATCH] [options]",
        discussion: """
            Reads what fetch downloaded. A recording that cannot be used is rejected with a reason and a message, and the \
            others continue; a decoder that crashes costs only the recording it was decoding.

            EXAMPLES
              clean digits 2026-11-20
              clean digits 2026-11-20 --set clean.silence_dbfs=-70 --why

            \(ToolMain.exitStatus)
            """,
        version: "clean \(BuildInfo.full)")

    static let tool = StageTool.clean
    @OptionGroup var options: StageOptions

    func run(_ job: StageJob) throws(Fault) -> StageOutcome { try job.run(Clean(job.config)) }

    static func main() {
        if CommandLine.arguments.dropFirst() == [DecodeWorker.argument] { DecodeWorker.serve() }
        ToolMain.run(Self.self)
    }
}
