import ArgumentParser
import Fault
import InferStage
import PipelineConfig
import StageRun
import ToolKit
import TorchModel

@main
struct InferTool: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer",
        abstract: "Runs a trained model over features or audio, with libtorch on this machine.",
        usage: "infer PIPELINE [BATCH] [options]",
        discussion: """
            The model comes from the registry ($NOCTURNE_MODELS, else pipelines/models), is checked against its digest, \
            the features it was trained on and its known answer, and runs over batches of items of similar length.

            EXAMPLES
              infer digits 2026-11-20
              infer digits 2026-11-20 --set infer.model=digits@2 --why

            \(ToolMain.exitStatus)
            """,
        version: "infer \(BuildInfo.full)")

    static let tool = StageTool.infer
    @OptionGroup var options: StageOptions

    func run(_ job: StageJob) throws(Fault) -> StageOutcome {
        let places = Infer.Places(
            models: Environment.models, torchLibrary: TorchLibrary.besideExecutable(), cache: Environment.cache)
        return try job.run(Infer(job.config, places))
    }

    static func main() {
        TorchLibrary.shortenWaits()
        ToolMain.run(Self.self)
    }
}
