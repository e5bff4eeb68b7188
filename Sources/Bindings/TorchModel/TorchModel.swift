internal import CTorch

/// A model loaded into libtorch. Not Sendable: one per worker. Its memory is freed with it.
public struct TorchModel: ~Copyable {
    /// What kind of file a model is.
    public enum Format: Sendable, Hashable {
        /// `.pt`: TorchScript, as written by `torch.jit.save`.
        case torchScript
        /// `.pt2`: an AOTInductor package, as written by `torch._inductor.aoti_compile_and_package`: machine code for
        /// one kind of processor, which computes in the number type it was compiled for.
        case aotInductor
    }

    /// A number type that models compute in.
    public enum Precision: Sendable, Hashable {
        /// 32-bit floating point.
        case float32
        /// bfloat16: the range of float32 with 8 bits of significand.
        case bfloat16
    }

    /// Where a model is and how to load it.
    public struct Options: Sendable, Hashable {
        /// The model's file.
        public var path: String
        /// What kind of file it is.
        public var format: Format
        /// `cpu`, `cuda` or `cuda:N`.
        public var device: String
        /// The type to which a TorchScript module's parameters are converted; an AOTInductor package keeps its own.
        public var precision: Precision
        /// Where an AOTInductor package is unpacked while loading; `nil` for `$TMPDIR` or else `/tmp`.
        public var scratchFolder: String?

        /// Options for a model in a file.
        public init(
            path: String, format: Format, device: String = "cpu", precision: Precision = .float32,
            scratchFolder: String? = nil
        ) {
            self.path = path
            self.format = format
            self.device = device
            self.precision = precision
            self.scratchFolder = scratchFolder
        }
    }

    /// The device it was loaded on: `cpu`, `cuda:0`.
    public let device: String
    private let library: TorchLibrary
    private let handle: OpaquePointer

    /// Loads a model ready for forward passes: in evaluation mode and, if TorchScript, frozen.
    public init(_ options: Options, with library: TorchLibrary) throws(TorchError) {
        self.library = library
        var loaded: OpaquePointer?
        let error = options.withCOptions { cOptions in
            library.failure { library.api.pointee.load(cOptions, &loaded, &$0) }
        }
        if let error { throw error }
        guard let loaded else { throw .badModel("libtorch loads \(options.path) without an error and without a model") }
        device = options.device
        handle = loaded
    }

    deinit { library.api.pointee.release_model(handle) }

    /// Runs one batch through the model, in inference mode.
    ///
    /// - Parameters:
    ///   - values: float32, row-major, as many as the shape requires; used in place, not kept.
    ///   - shape: [batch, frames, bins] or [batch, samples].
    ///   - lengths: the length of each item along the second dimension, for models that take lengths.
    ///   - type: the type to which the values are converted before the model sees them.
    public borrowing func forward(
        _ values: UnsafeBufferPointer<Float>, shape: [Int], lengths: [Int64]? = nil, as type: Precision = .float32
    ) throws(TorchError) -> TorchOutputs {
        guard shape.count >= 2, values.count == shape.reduce(1, *), lengths.map({ $0.count == shape[0] }) ?? true else {
            throw .failed(
                "the batch has \(values.count) values and \(lengths?.count ?? 0) lengths for the shape \(shape)")
        }
        let dimensions = shape.map(Int64.init)
        var outputs: OpaquePointer?
        let error = dimensions.withUnsafeBufferPointer { dimensions in
            (lengths ?? []).withUnsafeBufferPointer { lengthValues in
                var input = nocturne_torch_input(
                    values: values.baseAddress, shape: dimensions.baseAddress, rank: Int32(dimensions.count),
                    type: type.cType, lengths: lengths == nil ? nil : lengthValues.baseAddress)
                return library.failure { library.api.pointee.forward(handle, &input, &outputs, &$0) }
            }
        }
        if let error { throw error }
        guard let outputs else { throw .failed("libtorch runs the model without an error and without outputs") }
        return TorchOutputs(library: library, handle: outputs)
    }
}

extension TorchModel.Options {
    fileprivate func withCOptions(_ body: (UnsafePointer<nocturne_torch_load_options>) -> TorchError?) -> TorchError? {
        path.withCString { path in
            device.withCString { device in
                (scratchFolder ?? "").withCString { scratch in
                    var options = nocturne_torch_load_options(
                        path: path, format: format.cFormat, device: device, precision: precision.cType,
                        scratch_folder: scratchFolder == nil ? nil : scratch)
                    return body(&options)
                }
            }
        }
    }
}

extension TorchModel.Format {
    fileprivate var cFormat: nocturne_torch_format {
        self == .torchScript ? NOCTURNE_TORCH_SCRIPT : NOCTURNE_TORCH_AOTI_PACKAGE
    }
}

extension TorchModel.Precision {
    fileprivate var cType: nocturne_torch_type {
        self == .float32 ? NOCTURNE_TORCH_FLOAT32 : NOCTURNE_TORCH_BFLOAT16
    }
}
