public import Fault
public import PipelineConfig
public import StageRun

/// The stage `clean`: validates recordings, converts them to one rate and one channel, and completes their metadata.
public struct Clean: DerivedStage {
    /// The tool.
    public static let tool = StageTool.clean
    /// Raise it whenever the same recordings and configuration give different bytes.
    public static let revision = 3

    /// The stage's configuration.
    public let config: StageConfig

    /// Makes the stage from a configuration.
    public init(_ config: StageConfig) { self.config = config }

    /// Prepares one decoder per job, each the running program again with ``DecodeWorker/argument``.
    public func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> CleanPartMaker {
        let keys: CleanConfig = try config.settings()
        let pool = DecoderPool(
            DecodeOptions(keys), workers: context.jobs, launch: .thisProgram, events: context.events)
        return try CleanPartMaker(stage: config.stage, fields: keys.fields, pool: pool)
    }
}
