internal import BatchFormat
internal import Digests
public import Fault
internal import JSON
public import PipelineConfig
internal import Signal
public import StageRun

/// The stage `featurize`: turns clean's audio into a model's input.
///
/// It reads `audio.safetensors` and writes `features.safetensors`, one float32 [frames, bins] for each item ([samples] for
/// `waveform`), and adds `{"frames": …, "bins": …, "sample_rate": …}` (`{"samples": …, "sample_rate": …}`) to the ledger
/// under the stage's name. Reason codes: `too_short` for a clip without a whole frame, `not_finite` for features beyond
/// single precision.
public struct Featurize: DerivedStage {
    /// The tool.
    public static let tool = StageTool.featurize
    /// Raise it whenever the same audio and configuration give different bytes.
    public static let revision = 1

    /// The stage's configuration.
    public let config: StageConfig
    private let keys: FeaturizeConfig
    private let statistics: GlobalStatistics?
    private let blockFloats: Int

    /// Reads the statistics that the configuration names, if any.
    public init(_ config: StageConfig) throws(Fault) { try self.init(config, blockFloats: Featurizer.blockFloats) }

    /// Sets another block size, which affects only memory and time.
    package init(_ config: StageConfig, blockFloats: Int) throws(Fault) {
        self.config = config
        self.blockFloats = blockFloats
        keys = try config.settings()
        if keys.normalize == .global, let file = keys.statistics {
            statistics = try GlobalStatistics(reading: file)
        } else {
            statistics = nil
        }
    }

    /// The configuration, and the statistics.
    public func bearing() throws(Fault) -> BearingFacts {
        var facts = BearingFacts(config.resultBearing)
        if let statistics { facts.config["statistics_sha256"] = .string(statistics.digest.hex) }
        return facts
    }

    /// Prepares a featurizer for each job.
    public func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> FeaturizePartMaker {
        let definition = FeatureDefinition(keys, sampleRate: try Self.sampleRate(of: input))
        let featurizers = try FeaturizerPool(definition, threads: context.jobs + 1, blockFloats: blockFloats)
        return FeaturizePartMaker(
            stage: config.stage, definition: definition, featurizers: featurizers, normalization: keys.normalize,
            global: try statistics?.normalizer(for: definition.settings(config), bins: featurizers.bins))
    }

    /// The sample rate of clean's audio.
    static func sampleRate(of input: StageInput) throws(Fault) -> Int {
        let identity = input.identity
        guard identity.tool == "clean" else {
            throw Fault(.usage, "featurize reads the output of clean, but '\(input.path)' was made by \(identity.tool)")
        }
        guard let rate = identity.config["sample_rate"]?.int else {
            throw Fault(.damaged, "the record of '\(input.path)' does not state the sample rate of its audio")
        }
        return rate
    }
}
