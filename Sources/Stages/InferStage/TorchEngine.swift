internal import Digests
package import Fault
package import JSON
package import Memory
package import Models
package import PipelineConfig
package import TorchModel

/// A package's model, loaded into libtorch on the chosen device.
package final class TorchEngine: InferenceEngine {
    private let package: ModelPackage
    /// `cpu`, `cuda:0`
    package var place: String { model.device }
    private let library: TorchLibrary
    private let model: TorchModel
    private let precision: TorchModel.Precision
    private var inputType: TorchModel.Precision
    /// Compiled packages may refuse batches of one, because `torch.export` by default assumes sizes of at least two.
    private var fewestRows = 1
    private let buffer = BatchBuffer()

    /// Loads a model whose file has been verified.
    package init(_ package: ModelPackage, options: InferConfig, library: TorchLibrary) throws(Fault) {
        self.package = package
        self.library = library
        precision = TorchModel.Precision(options)
        inputType = package.isCompiled ? .float32 : precision
        try library.setThreads(intraOp: options.threads, interOp: 0)
        let candidates = try Self.candidates(options.device, of: library)
        model = try Self.load(package, options, on: candidates, with: library)
    }

    /// The devices to try, in order. `auto` is the first GPU if there is one; a package compiled for the CPU then still
    /// runs on the CPU.
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

    /// A device's canonical name in keys and logs: `cuda` is `cuda:0`.
    static func numbered(_ device: String) -> String { device == "cuda" ? "cuda:0" : device }

    private static func load(
        _ package: ModelPackage, _ options: InferConfig, on devices: [String], with library: TorchLibrary
    ) throws(Fault) -> TorchModel {
        var refusal: TorchError?
        for device in devices {
            do throws(TorchError) {
                return try TorchModel(
                    TorchModel.Options(
                        path: package.modelPath, format: package.isCompiled ? .aotInductor : .torchScript,
                        device: device, precision: TorchModel.Precision(options)),
                    with: library)
            } catch {
                refusal = refusal ?? error
                // A GPU without free memory now may have some later; only a model that cannot run there runs elsewhere.
                guard case .badModel = error else { break }
            }
        }
        let reason = refusal.map { "\($0)" } ?? "there is no device to load it on"
        switch refusal {
        case .outOfMemory:
            throw Fault(.retryLater, "there is not enough memory to load the model '\(package.reference)': \(reason)")
        case .failed:
            // The device was checked before, so this is the folder in which a compiled package is unpacked.
            throw Fault(.disk, "cannot load the model '\(package.reference)': \(reason); does TMPDIR have free space?")
        default: break
        }
        throw Fault(
            .configuration,
            "libtorch \(library.torchVersion) cannot load the model '\(package.reference)' ('\(package.modelPath)'): "
                + reason)
    }

    /// Determines, once, which number type a compiled package takes and whether it accepts a batch of one; warms it up.
    ///
    /// - Parameters:
    ///   - length: a length that the model accepts.
    ///   - width: bins per frame.
    package func warmUp(length: Int, width: Int) throws(Fault) {
        guard package.isCompiled else { return }
        var first: TorchError?
        for type in [TorchModel.Precision.float32, .bfloat16] {
            for rows in [1, 2] {
                (inputType, fewestRows) = (type, rows)
                do throws(TorchError) {
                    _ = try outputs(of: [], length: length, width: width)
                    return
                } catch {
                    if let fault = passing(error) { throw fault }
                    first = first ?? error
                }
            }
        }
        throw Fault(
            .configuration,
            "the model '\(package.reference)' does not run on \(place): \(first.map { "\($0)" } ?? "no reason given")")
    }

    /// The fault of an error that is not about the model: it may run when there is more memory, or in another process.
    private func passing(_ error: TorchError) -> Fault? {
        switch error {
        case .outOfMemory(let reason):
            Fault(
                .retryLater,
                "there is not enough memory on \(place) for the first batch of the model '\(package.reference)': "
                    + reason)
        case .deviceLost(let reason): lost(reason)
        case .badModel, .failed: nil
        }
    }

    /// The fault that ends the run if the device has failed.
    private func lost(_ reason: String) -> Fault {
        Fault(
            .retryLater,
            "\(place) failed while the model '\(package.reference)' ran: \(TorchError.deviceLost(reason)); sealed parts "
                + "stay, so run this again; if it fails here again, --set infer.device=cpu shows which item the model "
                + "cannot take")
    }

    /// Runs the model once over items, each padded with zeros to a length.
    package func forward<Result>(
        _ items: [ItemTensor], length: Int, width: Int, read: (InferenceOutputs) throws(Fault) -> Result
    ) throws(InferenceFailure) -> Result {
        let outputs: TorchOutputs
        do throws(TorchError) {
            outputs = try self.outputs(of: items, length: length, width: width)
        } catch {
            switch error {
            case .outOfMemory(let reason): throw .outOfMemory(reason)
            case .failed: throw .failed("\(error)")
            case .deviceLost(let reason): throw .ended(lost(reason))
            case .badModel(let reason):
                throw .ended(
                    Fault(.configuration, "the model '\(package.reference)' cannot be used: \(reason)"))
            }
        }
        let rows = rows(for: items.count)
        do throws(Fault) {
            return try outputs.withTensors { (tensors) throws(Fault) in
                try read(
                    InferenceOutputs(
                        tensors: tensors.map { InferenceTensor(name: $0.name, shape: $0.shape, values: $0.values) },
                        rows: rows))
            }
        } catch {
            throw .ended(error)
        }
    }

    private func outputs(of items: [ItemTensor], length: Int, width: Int) throws(TorchError) -> TorchOutputs {
        let rows = rows(for: items.count)
        let block = buffer.pack(items, length: length, width: width, rows: rows)
        let lengths = (0..<rows).map { Int64($0 < items.count ? items[$0].length : length) }
        let input = package.manifest.input
        return try model.forward(
            block, shape: input.kind == .features ? [rows, length, width] : [rows, length],
            lengths: input.lengths ? lengths : nil, as: inputType)
    }

    /// The number of rows of a batch: some packages need fillers.
    private func rows(for items: Int) -> Int { max(items, fewestRows) }

    /// Measures the memory used by batches.
    package func memoryMeter(_ gauge: MemoryGauge) -> any MemoryMeter {
        let host = HostMeter(library: library, gauge: gauge)
        return place == "cpu" ? host : DeviceMeter(library: library, device: place, host: host)
    }

    /// Other settings have other footprints.
    package func footprintKey() throws(Fault) -> String {
        let type = inputType == .float32 ? "float32" : "bfloat16"
        return "\(package.digest.hex) \(place) \(type) threads=\(try library.intraOpThreads()) "
            + "torch=\(library.torchVersion)"
    }

    /// Whether answers have 8-bit significands, so that a known answer is only matched roughly.
    package var isCoarse: Bool { inputType == .bfloat16 || precision == .bfloat16 }

    /// The figures for the log when the model is ready.
    package func description() throws(Fault) -> JSONObject {
        [
            "model": .string(package.reference.description), "device": .string(place),
            "threads": .int(Int64(try library.intraOpThreads())), "torch": .string(library.torchVersion),
            "precision": .string(inputType == .float32 ? "float32" : "bfloat16"),
        ]
    }
}
