import ArgumentParser
import Fault
import JSON
import PipelineConfig
import Time
import ToolKit

struct Stages: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a pipeline's stages in order, as STAGE:TOOL:INPUT,INPUT, for the night's make rules.")

    @OptionGroup var pipeline: PipelineOption
    @OptionGroup var output: JSONOption

    func run() throws {
        try output.reporting {
            for stage in try pipeline.load().stages {
                output.print(
                    [
                        "stage": .string(stage.stage), "tool": .string(stage.tool),
                        "inputs": .array(stage.inputs.map { .string($0) }),
                    ], orText: "\(stage.stage):\(stage.tool):\(stage.inputs.joined(separator: ","))")
            }
        }
    }
}

struct DefaultBatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "default-batch", abstract: "Prints the default batch of a run.")

    @OptionGroup var pipeline: PipelineOption

    func run() throws { ToolMain.print(try pipeline.load().defaultBatch(now: WallClock.now())) }
}
