import ArgumentParser
import BatchFormat
import Fault
import Night
import PipelineConfig
import StageRun
import ToolKit

/// For the night's make rules, which can pass on a code but cannot read an ending.
struct Ended: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints how a failed run of a stage ended, and exits with its code.",
        discussion: "With --go-on, a version that waits because another one is pinned is not a failure yet.",
        shouldDisplay: false)

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
    @Flag(help: "Exits with 0 if the stages after it can run on a pinned version.")
    var goOn = false

    func run() throws {
        let folder = try BatchAddress(root: Environment.root, pipeline: pipeline.pipeline, batch: batch).stage(stage)
        let ending = StageEnding.left(by: folder, tool: tool, night: night, ToolExit(code: code))
        if goOn, ending.letsReadersRun {
            return ToolMain.tell("night.mk: \(pipeline.pipeline) \(batch) \(stage): \(ending.message)")
        }
        ToolMain.tell(
            "night.mk: \(pipeline.pipeline) \(batch) failed in \(stage) with exit code \(code): \(ending.message)")
        throw ExitCode(code)
    }
}

/// For the night's make rules: the last step of a night, which ends it like `nocturne nightly` if a version waits.
struct Waiting: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Exits with 10 if a stage's last run left a version that waits because another one is pinned.",
        shouldDisplay: false)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch.")
    var batch: String
    @Option(help: "The night that the runs were started for.")
    var night: String

    func run() throws {
        let address = try BatchAddress(root: Environment.root, pipeline: pipeline.pipeline, batch: batch)
        for stage in try pipeline.load().stages {
            guard let ending = StageEnding(of: try address.stage(stage.stage)), ending.night == night, ending.isWaiting
            else { continue }
            throw Fault(.heldBack, "\(pipeline.pipeline) \(batch): \(stage.stage): \(ending.message)")
        }
    }
}
