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
        abstract: "Turns clean audio into model input: fbank, MFCC, Whisper's log-mel, or the waveform.",
        usage: "featurize PIPELINE [BATCH] [options]",
        discussion: """
            The features match the originals, number for number: Kaldi's fbank and MFCC, Whisper's log-mel spectrogram.

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
            "Only fits the statistics for normalize = \"global\" on this batch, and writes them.",
            valueName: "file"))
    var fitStatistics: String?

    func run() throws {
        guard let file = fitStatistics else { return try runStage() }
        let job = try resolve()
        try Featurize.fitStatistics(job.config, request: job.request, context: job.context, into: file)
        ToolMain.print(file)
    }

    func run(_ job: StageJob) throws(Fault) -> StageOutcome { try job.run(Featurize(job.config)) }

    static func main() { ToolMain.run(Self.self) }
}
