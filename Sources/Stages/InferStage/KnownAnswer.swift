internal import BatchFormat
package import Fault
package import Models

/// A package's known input and known output, `check.safetensors`: tensors `input`, `lengths` (if the model takes them)
/// and `output` (of the model's first output); also `output.NAME`, if there are several.
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
    /// The known outputs, by name; `nil` for the first.
    private let outputs: [(name: String?, tensor: Tensor)]

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
        var outputs: [(name: String?, tensor: Tensor)] = [(nil, output)]
        for name in package.manifest.outputs.compactMap(\.name) {
            if let known = file.tensor(ItemID("output.\(name)")), known.type == .float32 {
                outputs.append((name, known))
            }
        }
        self.outputs = outputs
    }

    /// The length and the width of the known input.
    package var shape: (length: Int, width: Int) { (input.shape[1], input.shape.count == 3 ? input.shape[2] : 1) }

    /// Runs the known input.
    ///
    /// - Throws: `.damaged` if the answer is not the known one.
    package func check(_ engine: any InferenceEngine) throws(Fault) {
        let items = try items()
        var actual: [(shape: [Int], values: [Float])] = []
        do throws(InferenceFailure) {
            actual = try engine.forward(items, length: shape.length, width: shape.width) { given in
                outputs.map { known in
                    given.tensor(known.name, of: package).map { ($0.shape, Array($0.values)) } ?? ([], [])
                }
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
        for (known, found) in zip(outputs, actual) { try compare(known, found, isCoarse: engine.isCoarse) }
    }

    private func compare(
        _ known: (name: String?, tensor: Tensor), _ actual: (shape: [Int], values: [Float]), isCoarse: Bool
    ) throws(Fault) {
        let what = known.name.map { "output '\($0)'" } ?? "output"
        let values = known.tensor.floats
        // Fillers follow the known input's own rows.
        guard actual.shape.dropFirst() == known.tensor.shape.dropFirst(), actual.values.count >= values.count else {
            throw refusal("its \(what) has the shape \(actual.shape), the known one \(known.tensor.shape)")
        }
        let tolerance = isCoarse ? Tolerance.bfloat16 : .float32
        for (at, expected) in values.enumerated() {
            let found = actual.values[at]
            // Written so that NaN is refused.
            let isNear = abs(found - expected) <= tolerance.absolute + tolerance.relative * abs(expected)
            guard isNear || found == expected else {
                throw refusal("number \(at) of its \(what) is \(found), the known one \(expected)")
            }
        }
    }

    /// The first item of the known input, without its padding.
    func item() throws(Fault) -> ItemTensor {
        let first = try items()[0]
        return first.beginning(of: first.length)
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
