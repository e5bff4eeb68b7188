public import Fault
internal import JSON
internal import Models
public import PipelineConfig
public import StageRun

/// The stage `infer`: runs a model over features or audio on this machine, with libtorch.
///
/// Each item's line gets a member named after the stage: `model`, and the fields of the model's kind of output
/// (`label`, `score`, `top`; `tags`; `text`, `score`; `values`; `shape` of a tensor in `outputs.safetensors`). The only
/// reason code is `inference_failed`: the model fails on the item alone, returns NaN, or needs more memory than there
/// is.
public struct Infer: DerivedStage {
    /// The tool.
    public static let tool = StageTool.infer
    /// Raise it whenever the same tensors, model and configuration give different bytes.
    public static let revision = 2

    /// What the stage needs besides its configuration; stages do not read the environment.
    public struct Places: Sendable {
        /// The models folder.
        public var models: String
        /// The path of `libnocturne-torch.so`.
        public var torchLibrary: String

        /// The folder in which this machine stores the footprints of a model's batches; `nil` to not store them.
        public var cache: String?

        /// Makes places.
        public init(models: String, torchLibrary: String, cache: String? = nil) {
            self.models = models
            self.torchLibrary = torchLibrary
            self.cache = cache
        }
    }

    /// The stage's configuration.
    public let config: StageConfig
    private let package: ModelPackage
    private let options: InferConfig
    private let backend: any InferenceBackend
    private let footprintFile: String?

    /// Finds the model.
    public init(_ config: StageConfig, _ places: Places) throws(Fault) {
        self.config = config
        options = try config.settings()
        package = try ModelPackage(options.model, in: ModelRegistry(folder: places.models))
        backend = TorchBackend(library: places.torchLibrary)
        footprintFile = places.cache.map { "\($0)/\(FootprintFile.name)" }
    }

    /// The configuration, the model and the engine. The key contains the model itself, not the alias that named it:
    /// moving an alias to the same version makes nothing again.
    public func bearing() throws(Fault) -> BearingFacts {
        var facts = BearingFacts(config.resultBearing, model: package.record)
        facts.config[options.$model.name] = .string(package.reference.description)
        for (name, value) in try backend.bearing(options).members { facts.config[name] = value }
        return facts
    }

    /// Checks that the model fits the batch; the engine is opened for the first part with items.
    public func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> InferPartMaker {
        try InferPartMaker(
            package, stage: config.stage, options: options, input: input, backend: backend,
            footprintFile: footprintFile)
    }
}
