/// One of a model's outputs, split by item.
struct OutputTensor {
    private let tensor: InferenceTensor

    /// Wraps a tensor whose first dimension is the batch; `nil` for any other.
    init?(_ tensor: InferenceTensor, rows: Int) {
        guard tensor.shape.first == rows else { return nil }
        self.tensor = tensor
    }

    /// The shape of one item's part.
    var itemShape: [Int] { Array(tensor.shape.dropFirst()) }

    /// One item's numbers.
    func item(_ place: Int) -> UnsafeBufferPointer<Float> {
        let count = itemShape.reduce(1, *)
        return UnsafeBufferPointer(rebasing: tensor.values[place * count..<(place + 1) * count])
    }

}

extension KeptTensor {
    /// Of one dimension only the first few steps.
    func first(_ steps: Int, along axis: Int) -> KeptTensor {
        guard steps < shape[axis] else { return self }
        let (all, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        var (shape, kept) = (shape, [Float]())
        shape[axis] = steps
        kept.reserveCapacity(shape.reduce(1, *))
        for start in stride(from: 0, to: values.count, by: max(1, all * inner)) {
            kept += values[start..<start + steps * inner]
        }
        return KeptTensor(shape: shape, values: kept)
    }
}

extension UnsafeBufferPointer<Float> {
    /// Whether every number can be a score. Minus infinity can: it is the logarithm of zero.
    var holdsScores: Bool { allSatisfy { !$0.isNaN && $0 != .infinity } }

    /// Whether every number is finite.
    var isFinite: Bool { allSatisfy(\.isFinite) }
}
