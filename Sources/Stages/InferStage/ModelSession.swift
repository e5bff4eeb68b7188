internal import Digests
package import Fault
package import JSON
package import Memory
package import Models
package import TorchModel

/// A package's model, loaded and ready: the device chosen, the package's peculiarities known.
package final class ModelSession {
    /// The package.
    package let package: ModelPackage
    /// `cpu`, `cuda:0`
    package var device: String { model.device }
    private let library: TorchLibrary
    private let model: TorchModel
    private var inputType: TorchModel.Precision
    /// Compiled packages may refuse batches of one, as `torch.export` assumes sizes of two and more unless told otherwise.
    private var fewestRows = 1
    private let buffer = BatchBuffer()

    /// Loads a model whose file has been verified.
    package init(_ package: ModelPackage, options: InferOptions, library: TorchLibrary) throws(Fault) {
        self.package = package
        self.library = library
        inputType = package.isCompiled ? .float32 : options.precision
        try library.setThreads(intraOp: options.threads, interOp: 0)
        let candidates = try Self.candidates(options.device, of: library)
        model = try Self.load(package, options, on: candidates, with: library)
    }

    /// The devices to try, in order. `auto` is the first GPU if there is one; a package that was compiled for the CPU
    /// then still runs on the CPU.
    private static func candidates(_ wish: String, of library: TorchLibrary) throws(Fault) -> [String] {
        guard wish != "cpu" else { return ["cpu"] }
        let found = try library.devices()
        if wish == "auto" { return found.cudaDevices > 0 ? ["cuda:0", "cpu"] : ["cpu"] }
        let device = numbered(wish)
        guard let number = Int(device.dropFirst("cuda:".count)), number < found.cudaDevices else {
            throw Fault(
                .configuration,
                "infer.device = \"\(wish)\": libtorch \(library.torchVersion) "
                    + (found.isBuiltForCUDA ? "sees \(found.cudaDevices) CUDA devices" : "is built without CUDA")
                    + "; use \"auto\" or \"cpu\", or a machine and a libtorch with CUDA")
        }
        return [device]
    }

    /// A device by the one name that it has in keys and logs: `cuda` is `cuda:0`.
    static func numbered(_ device: String) -> String { device == "cuda" ? "cuda:0" : device }

    private static func load(
        _ package: ModelPackage, _ options: InferOptions, on devices: [String], with library: TorchLibrary
    ) throws(Fault) -> TorchModel {
        var refusal: TorchError?
        for device in devices {
            do throws(TorchError) {
                return try TorchModel(
                    TorchModel.Options(
                        path: package.modelPath, format: package.isCompiled ? .aotInductor : .torchScript,
                        device: device, precision: options.precision),
                    with: library)
            } catch {
                refusal = refusal ?? error
                // A GPU that has no room now may have it later; only what cannot run there runs elsewhere.
                guard case .badModel = error else { break }
            }
        }
        let reason = refusal.map { "\($0)" } ?? "there is no device to load it on"
        switch refusal {
        case .outOfMemory:
            throw Fault(.retryLater, "there is not enough memory to load the model '\(package.reference)': \(reason)")
        case .failed:
            // The device was looked up before, so this is the folder that a compiled package is unpacked into.
            throw Fault(.disk, "cannot load the model '\(package.reference)': \(reason); is TMPDIR a folder with room?")
        default: break
        }
        throw Fault(
            .configuration,
            "libtorch \(library.torchVersion) cannot load the model '\(package.reference)' ('\(package.modelPath)'): "
                + reason)
    }

    /// Finds out, once, which number type a compiled package takes and whether it takes a batch of one; warms it up.
    ///
    /// - Parameters:
    ///   - length: a length that the model takes.
    ///   - width: bins per frame.
    package func warmUp(length: Int, width: Int) throws(Fault) {
        guard package.isCompiled else { return }
        var first: TorchError?
        for type in [TorchModel.Precision.float32, .bfloat16] {
            for rows in [1, 2] {
                (inputType, fewestRows) = (type, rows)
                do throws(TorchError) {
                    _ = try forward([], length: length, width: width)
                    return
                } catch {
                    try throwIfPassing(error)
                    first = first ?? error
                }
            }
        }
        throw Fault(
            .configuration,
            "the model '\(package.reference)' does not run on \(device): \(first.map { "\($0)" } ?? "no reason given")")
    }

    /// Throws `.retryLater` for an error that says nothing of the model: it may run when there is room, or in another
    /// process.
    func throwIfPassing(_ error: TorchError) throws(Fault) {
        switch error {
        case .outOfMemory(let reason):
            throw Fault(
                .retryLater,
                "there is not enough memory on \(device) for the first batch of the model '\(package.reference)': "
                    + reason)
        case .deviceLost(let reason): throw lost(reason)
        case .badModel, .failed: return
        }
    }

    /// The fault that ends the run when the device has failed.
    func lost(_ reason: String) -> Fault {
        Fault(
            .retryLater,
            "\(device) failed while the model '\(package.reference)' ran: \(TorchError.deviceLost(reason)); sealed parts "
                + "stay, so run this again; if it ends here again, --set infer.device=cpu tells which item the model "
                + "cannot take")
    }

    /// How many rows a batch of so many items has: some packages need fillers.
    func rows(for items: Int) -> Int { max(items, fewestRows) }

    /// One forward pass over items, each padded with zeros to a length.
    package func forward(_ items: [ItemTensor], length: Int, width: Int) throws(TorchError) -> TorchOutputs {
        let rows = rows(for: items.count)
        let block = buffer.pack(items, length: length, width: width, rows: rows)
        let lengths = (0..<rows).map { Int64($0 < items.count ? items[$0].length : length) }
        let input = package.manifest.input
        return try model.forward(
            block, shape: input.kind == .features ? [rows, length, width] : [rows, length],
            lengths: input.lengths ? lengths : nil, as: inputType)
    }

    /// Reads the memory that batches are taken from.
    package func memoryMeter(_ gauge: MemoryGauge) -> any MemoryMeter {
        let host = HostMeter(library: library, gauge: gauge)
        return device == "cpu" ? host : DeviceMeter(library: library, device: device, host: host)
    }

    /// What the footprints of batches hang on beside their lengths: other settings, other footprints.
    package func footprintKey() throws(Fault) -> String {
        let type = inputType == .float32 ? "float32" : "bfloat16"
        return "\(package.digest.hex) \(device) \(type) threads=\(try library.intraOpThreads()) "
            + "torch=\(library.torchVersion)"
    }

    /// Whether answers are those of 8-bit significands, so that a known answer is only met roughly.
    package var isCoarse: Bool { inputType == .bfloat16 }

    /// What goes into the log when the model is ready.
    package func description() throws(Fault) -> JSONObject {
        [
            "model": .string(package.reference.description), "device": .string(device),
            "threads": .int(Int64(try library.intraOpThreads())), "torch": .string(library.torchVersion),
            "precision": .string(inputType == .float32 ? "float32" : "bfloat16"),
        ]
    }
}
