public import Fault
internal import JSON
internal import Models
public import PipelineConfig
public import StageRun

/// The stage `infer`: runs a model over features or audio, here, with libtorch.
public enum InferStage {
    /// Behaviour revision 1.
    public static let definition = StageDefinition(tool: "infer", revision: 1)

    /// What the stage needs beside its configuration; stages do not read the environment.
    public struct Places: Sendable {
        /// The models folder.
        public var models: String
        /// The path of `libnocturne-torch.so`.
        public var torchLibrary: String

        /// Names both.
        public init(models: String, torchLibrary: String) {
            self.models = models
            self.torchLibrary = torchLibrary
        }
    }

    /// Runs the stage. libtorch is opened only if there is a part to make.
    public static func run(
        config: StageConfig, request: StageRequest, context: RunContext, places: Places
    ) throws(Fault) -> StageOutcome {
        let package = try ModelPackage(config.string("model"), in: ModelRegistry(folder: places.models))
        let stage = DerivedStage(definition, config: config, request: request, context: context)
        return try stage.run(
            model: package.record,
            // The key holds the model as it is, not the alias that it was asked for by: moving an alias to the same
            // version makes nothing anew.
            extra: ["model": .string(package.reference.description)]
        ) { (input) throws(Fault) in
            try PartInference(package, config: config, input: input, torchLibrary: places.torchLibrary)
        }
    }
}
