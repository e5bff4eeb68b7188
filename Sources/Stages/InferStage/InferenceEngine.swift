package import Fault
package import JSON
package import Memory
package import Models
package import PipelineConfig

/// Runs a model over batches of tensors: today, libtorch in this process.
///
/// An engine separates batching, which knows items, memory and outputs, from the model. Another kind of engine has its
/// own ``InferenceBackend``; ledgers, parts and seals are the same for all.
package protocol InferenceEngine: AnyObject {
    /// Where it runs, as named in messages and logs: `cpu`, `cuda:0`.
    var place: String { get }
    /// Whether its numbers have few digits, so that a known answer is only matched roughly.
    var isCoarse: Bool { get }

    /// Runs the model once and discards the result.
    ///
    /// - Parameters:
    ///   - length: a length that the model accepts.
    ///   - width: numbers per frame.
    func warmUp(length: Int, width: Int) throws(Fault)

    /// Runs the model over items, each padded with zeros to a length.
    ///
    /// - Parameter read: copies what it needs from the outputs, which are gone afterwards.
    func forward<Result>(
        _ items: [ItemTensor], length: Int, width: Int, read: (InferenceOutputs) throws(Fault) -> Result
    ) throws(InferenceFailure) -> Result

    /// The figures for the log when the engine is ready.
    func description() throws(Fault) -> JSONObject

    /// Measures the memory used by batches.
    func memoryMeter(_ gauge: MemoryGauge) -> any MemoryMeter

    /// What determines the memory of a batch, besides its items and their length: stored footprints are valid for
    /// engines with the same key.
    func footprintKey() throws(Fault) -> String
}

/// Opens engines of one kind.
package protocol InferenceBackend {
    /// What determines a result's bytes in the engine: it is part of the key of every part, in place of the configured
    /// device.
    func bearing(_ options: InferConfig) throws(Fault) -> JSONObject
    /// Opens an engine for a model whose file has been verified. Called only if there is something to run.
    func open(_ package: ModelPackage, _ options: InferConfig) throws(Fault) -> any InferenceEngine
}

/// A model's outputs for a batch.
package struct InferenceOutputs {
    /// One tensor, or as many as the model returns.
    package let tensors: [InferenceTensor]
    /// The number of rows in the batch: those beyond its items are fillers.
    package let rows: Int

    /// Makes outputs.
    package init(tensors: [InferenceTensor], rows: Int) {
        self.tensors = tensors
        self.rows = rows
    }
}

/// A tensor that a model returned: float32, contiguous, row-major.
package struct InferenceTensor {
    /// The name that the model gives it, if it names its outputs.
    package let name: String?
    /// The shape; the first dimension is the batch.
    package let shape: [Int]
    /// The values, borrowed from the engine.
    package let values: UnsafeBufferPointer<Float>

    /// Makes a tensor from borrowed values.
    package init(name: String? = nil, shape: [Int], values: UnsafeBufferPointer<Float>) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// Why a batch did not run.
package enum InferenceFailure: Error {
    /// There is not enough memory; a smaller batch may run.
    case outOfMemory(String)
    /// It failed; without one of its items it may run.
    case failed(String)
    /// Nothing runs any more, or no result can be used.
    case ended(Fault)
}
