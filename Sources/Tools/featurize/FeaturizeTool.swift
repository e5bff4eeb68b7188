import ArgumentParser
import Fault
import FeaturizeStage
import PipelineConfig
import StageRun
import ToolKit

@main
struct FeaturizeTool: StageCommand {
    static let configuration = CommandConfiguration(
        commandName: "featurize",
        abstract: "Turns clean audio into what a model is shown: fbank, MFCC, Whisper's log-mel, or the waveform.",
        usage: "featurize PIPELINE [BATCH] [options]",
        discussion: """
            The features are the field's own, number for number: Kaldi's fbank and MFCC, Whisper's log-mel spectrogram.

            EXAMPLES
              featurize digits 2026-11-20
              featurize digits 2026-11-20 --fit-statistics pipelines/digits/statistics.json

            \(ToolMain.exitStatus)
            """,
        version: "featurize \(BuildInfo.full)")

    static let tool = StageTool.featurize
    @OptionGroup var options: StageOptions
    @Option(
        help: ArgumentHelp(
            "Fits the statistics for normalize = \"global\" on this batch, writes them, and does nothing else.",
            valueName: "file"))
    var fitStatistics: String?

    func run() throws {
        guard let file = fitStatistics else { return try runStage() }
        let job = try resolve()
        try Featurize.fitStatistics(job.config, request: job.request, context: job.context, into: file)
        ToolMain.print(file)
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome {
        try Featurize.run(job.config, request: job.request, context: job.context)
    }

    static func main() { ToolMain.run(Self.self) }
}
