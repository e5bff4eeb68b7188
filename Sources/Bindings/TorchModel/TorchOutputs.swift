internal import CTorch

/// The result of one forward pass: one tensor, or as many as the model returns. Its memory is freed with it.
public struct TorchOutputs: ~Copyable {
    private let library: TorchLibrary
    private let handle: OpaquePointer

    init(library: TorchLibrary, handle: OpaquePointer) {
        self.library = library
        self.handle = handle
    }

    deinit { library.api.pointee.release_outputs(handle) }

    /// Calls a function with the tensors, in the model's order; they must not outlive the call.
    public borrowing func withTensors<Result, Failure: Error>(
        _ body: ([TorchTensor]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let tensors = (0..<library.api.pointee.output_count(handle)).map { at in
            let tensor = library.api.pointee.output(handle, at)
            return TorchTensor(
                name: library.api.pointee.output_name(handle, at).map { String(cString: $0) },
                shape: UnsafeBufferPointer(start: tensor.shape, count: Int(tensor.rank)).map(Int.init),
                values: UnsafeBufferPointer(start: tensor.values, count: Int(tensor.count)))
        }
        return try body(tensors)
    }
}

/// A tensor that a model returned: float32, contiguous, row-major, on the CPU.
public struct TorchTensor {
    /// Its key in the model's dictionary, or its field in the model's named tuple.
    public let name: String?
    /// The shape; the first dimension is the batch.
    public let shape: [Int]
    /// The values, borrowed from the outputs.
    public let values: UnsafeBufferPointer<Float>
}
