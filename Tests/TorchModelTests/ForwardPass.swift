import Foundation
import TorchModel

/// Outputs of a forward pass, copied so that they can be compared.
struct Tensors {
    let names: [String?]
    let shapes: [[Int]]
    let values: [[Float]]
}

/// Runs the model once over values given as an array.
func run(
    _ model: borrowing TorchModel, _ values: [Float], _ shape: [Int], lengths: [Int64]? = nil,
    as type: TorchModel.Precision = .float32
) throws -> Tensors {
    // No closure around the call: a borrowed model cannot be captured.
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
    defer { buffer.deallocate() }
    _ = buffer.initialize(from: values)
    let outputs = try model.forward(UnsafeBufferPointer(buffer), shape: shape, lengths: lengths, as: type)
    return outputs.withTensors { tensors in
        Tensors(names: tensors.map(\.name), shapes: tensors.map(\.shape), values: tensors.map { Array($0.values) })
    }
}

/// Reproducible pseudo-random numbers.
func ramp(_ count: Int) -> [Float] { (0..<count).map { Float(sin(Double($0) * 1.7)) } }

/// The largest difference between two lists of the same length.
func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }
