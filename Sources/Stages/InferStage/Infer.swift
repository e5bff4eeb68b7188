internal import Durable
public import Fault
internal import JSON
internal import Models
public import PipelineConfig
public import StageRun
internal import TorchModel
internal import Workers

/// The stage `infer`: runs a model over features or audio, here, with libtorch.
///
/// Each item's line gets a member under the stage's name: `model`, and what the model's kind of output says
/// (`label`, `score`, `top`; `tags`; `text`, `score`; `values`; `shape` of a tensor in `outputs.safetensors`). The one
/// reason code is `inference_failed`: the model fails on the item alone, gives no number, or needs more memory than there is.
public enum Infer {
    /// Raise the revision whenever the same tensors, model and configuration give other bytes.
    private static let definition = StageDefinition(tool: "infer", revision: 2)

    /// What the stage needs beside its configuration; stages do not read the environment.
    public struct Places: Sendable {
        /// The models folder.
        public var models: String
        /// The path of `libnocturne-torch.so`.
        public var torchLibrary: String

        /// The folder in which this machine remembers what batches of a model take; `nil` to forget it.
        public var cache: String?

        /// Names them.
        public init(models: String, torchLibrary: String, cache: String? = nil) {
            self.models = models
            self.torchLibrary = torchLibrary
            self.cache = cache
        }
    }

    /// The device that a wish comes to on this machine, for the key. A machine without NVIDIA's driver need not open
    /// libtorch to know.
    private static func device(_ wish: String, _ places: Places) throws(Fault) -> String {
        guard wish == "auto" else { return ModelSession.numbered(wish) }
        guard Folders.exists("/proc/driver/nvidia/version") else { return "cpu" }
        return try TorchLibrary.open(places.torchLibrary).devices().cudaDevices > 0 ? "cuda:0" : "cpu"
    }

    /// How many threads a wish comes to: scores are the same bytes only for the same number.
    private static func threads(_ wish: Int) -> Int {
        wish > 0 ? wish : Processors.count
    }

    /// Runs the stage. libtorch is opened only if there is a part to make.
    public static func run(
        _ config: StageConfig, request: StageRequest, context: RunContext, places: Places
    ) throws(Fault) -> StageOutcome {
        let package = try ModelPackage(config.string("model"), in: ModelRegistry(folder: places.models))
        let stage = DerivedStage(definition, config: config, request: request, context: context)
        return try stage.run(
            model: package.record,
            // The key holds the model as it is, not the alias that it was asked for by: moving an alias to the same
            // version makes nothing anew.
            extra: [
                "model": .string(package.reference.description),
                "device": .string(try device(config.string("device"), places)),
                "threads": .int(Int64(threads(config.int("threads")))),
            ]
        ) { (input) throws(Fault) in
            try PartInference(
                package, config: config, input: input, torchLibrary: places.torchLibrary,
                footprintFile: places.cache.map { "\($0)/\(FootprintFile.name)" })
        }
    }
}
