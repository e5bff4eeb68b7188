internal import Durable
internal import Fault
internal import JSON
internal import Models
internal import PipelineConfig
internal import TorchModel
internal import Workers

/// libtorch in this process. Its library is opened only when there is something to run.
struct TorchBackend: InferenceBackend {
    /// The path of `libnocturne-torch.so`.
    let library: String

    /// Scores have the same bytes only on the same device and with the same number of threads.
    func bearing(_ options: InferConfig) throws(Fault) -> JSONObject {
        let threads = options.threads > 0 ? options.threads : Processors.count
        return [
            options.$device.name: .string(try device(options.device)),
            options.$threads.name: .int(Int64(threads)),
        ]
    }

    func open(_ package: ModelPackage, _ options: InferConfig) throws(Fault) -> any InferenceEngine {
        try TorchEngine(package, options: options, library: TorchLibrary.open(library))
    }

    /// Resolves the configured device. Without NVIDIA's driver it is known without opening libtorch.
    private func device(_ wish: String) throws(Fault) -> String {
        guard wish == "auto" else { return TorchEngine.numbered(wish) }
        guard Folders.exists("/proc/driver/nvidia/version") else { return "cpu" }
        return try TorchLibrary.open(library).devices().cudaDevices > 0 ? "cuda:0" : "cpu"
    }
}
