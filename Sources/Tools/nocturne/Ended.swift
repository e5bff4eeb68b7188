import ArgumentParser
import BatchFormat
import Fault
import Night
import StageRun
import ToolKit

/// For the night's make rules, which can pass on a code but cannot read an ending.
struct Ended: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints how a failed run of a stage ended, and exits with its code.", shouldDisplay: false)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch.")
    var batch: String
    @Argument(help: "The stage.")
    var stage: String
    @Argument(help: "The tool that ran it.")
    var tool: String
    @Argument(help: "The exit code of its run.")
    var code: Int32
    @Option(help: "The night that the run was started for.")
    var night: String

    func run() throws {
        let folder = try BatchAddress(root: Environment.root, pipeline: pipeline.pipeline, batch: batch).stage(stage)
        let ending = StageEnding.left(by: folder, tool: tool, night: night, ToolExit(code: code))
        ToolMain.tell(
            "night.mk: \(pipeline.pipeline) \(batch) failed in \(stage) with exit code \(code): \(ending.message)")
        throw ExitCode(code)
    }
}
