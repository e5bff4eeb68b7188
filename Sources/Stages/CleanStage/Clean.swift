public import Fault
internal import JSON
public import PipelineConfig
internal import Resampling
public import StageRun

/// The stage `clean`: validates recordings, converts them to one rate and one channel, and completes their metadata.
public struct Clean: DerivedStage {
    /// The tool.
    public static let tool = StageTool.clean
    /// Raise it whenever the same recordings and configuration give different bytes.
    public static let revision = 2

    /// The stage's configuration.
    public let config: StageConfig

    /// Makes the stage from a configuration.
    public init(_ config: StageConfig) { self.config = config }

    /// Prepares one decoder per job, each the running program again with ``DecodeWorker/argument``.
    public func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> CleanPartMaker {
        let pool = DecoderPool(
            DecodeOptions(config), workers: context.jobs, launch: .thisProgram, events: context.events)
        return try CleanPartMaker(stage: config.stage, fields: config.fields, pool: pool)
    }
}

extension DecodeOptions {
    /// Reads a pipeline's `[clean]`.
    package init(_ config: StageConfig) {
        self.init()
        sampleRate = config.int("sample_rate")
        channels = config.value("channels")?.int.map { .one($0) } ?? .mix
        minSeconds = config.double("min_seconds")
        maxSeconds = config.double("max_seconds")
        silenceDBFS = config.double("silence_dbfs")
        cutsLong = config.optionalString("long") == "split"
        overlapSeconds = config.has("split_overlap") ? config.double("split_overlap") : 0
        guard let mode = ResamplingMode(rawValue: config.string("resampler")) else {
            preconditionFailure("the schema of pipeline.toml accepted a resampler that does not exist")
        }
        resampler = mode
    }
}
