internal import BatchFormat
package import Fault
package import Models

/// A package's known input and known output, `check.safetensors`: tensors `input`, `lengths` (if the model takes them)
/// and `output` (the model's first).
package struct KnownAnswer {
    /// How far an answer may be off: `absolute + relative * |expected|`.
    struct Tolerance {
        let absolute: Float
        let relative: Float

        /// Other processors and other numbers of threads add in a different order.
        static let float32 = Tolerance(absolute: 1e-4, relative: 1e-3)
        /// bfloat16 has 8 bits of significand: one rounding is off by 2^-9 of the value, and a network has many.
        static let bfloat16 = Tolerance(absolute: 5e-2, relative: 5e-2)
    }

    private let file: TensorFile
    private let package: ModelPackage
    private let input: Tensor
    private let output: Tensor

    /// Reads a package's known answer; `nil` if it has none.
    package init?(of package: ModelPackage) throws(Fault) {
        guard let path = package.checkPath else { return nil }
        self.package = package
        file = try TensorFile(path)
        let rank = package.manifest.input.kind == .features ? 3 : 2
        guard let input = file.tensor(ItemID("input")), input.type == .float32, input.shape.count == rank,
            let output = file.tensor(ItemID("output")), output.type == .float32
        else {
            throw Fault(
                .configuration,
                "'\(path)' must contain a float32 tensor 'input' of \(rank) dimensions and a float32 tensor 'output'")
        }
        self.input = input
        self.output = output
    }

    /// The length and the width of the known input.
    package var shape: (length: Int, width: Int) { (input.shape[1], input.shape.count == 3 ? input.shape[2] : 1) }

    /// Runs the known input.
    ///
    /// - Throws: `.damaged` if the answer is not the known one.
    package func check(_ engine: any InferenceEngine) throws(Fault) {
        let items = try items()
        var actual: (shape: [Int], values: [Float]) = ([], [])
        do throws(InferenceFailure) {
            actual = try engine.forward(items, length: shape.length, width: shape.width) { outputs in
                outputs.tensors.first.map { ($0.shape, Array($0.values)) } ?? ([], [])
            }
        } catch {
            switch error {
            case .ended(let fault): throw fault
            case .outOfMemory(let reason):
                throw Fault(
                    .retryLater,
                    "there is not enough memory on \(engine.place) for the first batch of the model "
                        + "'\(package.reference)': \(reason)")
            case .failed(let reason):
                throw Fault(
                    .configuration, "the model '\(package.reference)' fails on its own known input: \(reason)")
            }
        }
        let values = output.floats
        // Fillers follow the known input's own rows.
        guard actual.shape.dropFirst() == output.shape.dropFirst(), actual.values.count >= values.count else {
            throw refusal("its output has the shape \(actual.shape), the known one \(output.shape)")
        }
        let tolerance = engine.isCoarse ? Tolerance.bfloat16 : .float32
        for (at, expected) in values.enumerated() {
            let found = actual.values[at]
            // Written so that NaN is refused.
            let isNear = abs(found - expected) <= tolerance.absolute + tolerance.relative * abs(expected)
            guard isNear || found == expected else {
                throw refusal("number \(at) of its output is \(found), the known one \(expected)")
            }
        }
    }

    private func items() throws(Fault) -> [ItemTensor] {
        let (length, width) = shape
        var lengths = [Int64](repeating: Int64(length), count: input.shape[0])
        if package.manifest.input.lengths {
            guard let given = file.tensor(ItemID("lengths")), given.type == .int64, given.shape == [input.shape[0]]
            else {
                throw Fault(
                    .damaged,
                    "'\(file.path)' must contain an int64 tensor 'lengths' of \(input.shape[0]), as the model takes lengths"
                )
            }
            lengths = lengths.indices.map { given.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
        }
        return lengths.enumerated().map { place, count in
            let row = UnsafeBufferPointer(rebasing: input.floats[place * length * width..<(place + 1) * length * width])
            return ItemTensor(length: Int(count), width: width, values: row)
        }
    }

    private func refusal(_ difference: String) -> Fault {
        Fault(
            .damaged,
            "the model '\(package.reference)' no longer gives its known answer: \(difference); "
                + "was it made with another libtorch, or for another processor?")
    }
}
