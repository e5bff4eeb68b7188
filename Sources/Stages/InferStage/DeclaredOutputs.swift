internal import Fault
internal import Models

/// The tensors that a model returned for a batch, each with its declaration in `model.toml`. Nothing is left over on either
/// side: an undeclared output could be anything.
struct DeclaredOutputs {
    /// The outputs that become part of an item's result, in the order of `model.toml`.
    let results: [(output: ModelOutput, tensor: OutputTensor)]
    /// The items' lengths on the outputs' time axis, if the model returns them.
    private let lengths: OutputTensor?
    private let package: ModelPackage

    /// Matches tensors with declarations: by name if the model names its outputs, otherwise by their order.
    ///
    /// - Throws: `.configuration` if they do not match, saying what the model returns.
    init(_ outputs: InferenceOutputs, of package: ModelPackage) throws(Fault) {
        self.package = package
        let declared = package.manifest.outputs
        var results: [(ModelOutput, OutputTensor)] = []
        var lengths: OutputTensor?
        for (output, tensor) in try Self.pairs(outputs, declared, package) where output?.kind != .ignored {
            guard let split = OutputTensor(tensor, rows: outputs.rows) else {
                throw Self.fault(
                    package,
                    "returns a tensor of the shape \(tensor.shape), whose first dimension must be the batch, which was \(outputs.rows)"
                )
            }
            if let output, output.isResult {
                results.append((output, split))
            } else {
                guard split.itemShape.reduce(1, *) == 1 else {
                    throw Self.fault(
                        package, "gives lengths of the shape \(split.itemShape), but an item has one length")
                }
                lengths = split
            }
        }
        self.results = results
        self.lengths = lengths
    }

    /// Every tensor with its declaration; `nil` for the lengths that go with tokens without being declared.
    private static func pairs(
        _ outputs: InferenceOutputs, _ declared: [ModelOutput], _ package: ModelPackage
    ) throws(Fault) -> [(ModelOutput?, InferenceTensor)] {
        let tensors = outputs.tensors
        let names = tensors.compactMap(\.name)
        if names.count == tensors.count, declared[0].name != nil {
            guard Set(names) == Set(declared.compactMap(\.name)) else {
                throw fault(
                    package,
                    "returns \(names.joined(separator: ", ")), but its model.toml declares "
                        + declared.compactMap(\.name).joined(separator: ", "))
            }
            return declared.compactMap { output in tensors.first { $0.name == output.name }.map { (output, $0) } }
        }
        if tensors.count == declared.count { return Array(zip(declared, tensors)) }
        let hasLengths = tensors.count == 2 && tensors[1].shape.reduce(1, *) == outputs.rows
        if declared.count == 1, declared[0].kind == .tokens, hasLengths {
            return [(declared[0], tensors[0]), (nil, tensors[1])]
        }
        let found = tensors.map { tensor in tensor.name.map { "\($0) " } ?? "" + "\(tensor.shape)" }
        throw fault(
            package,
            "returns \(tensors.count) outputs (\(found.joined(separator: ", "))), but its model.toml declares \(declared.count): "
                + "declare each as [output.NAME], in this order, with kind = \"ignored\" for what is not wanted")
    }

    /// How many steps of an output's time axis belong to an item.
    ///
    /// - Parameters:
    ///   - count: the steps of the axis, padding included.
    ///   - length: the item's own length, of `padded`.
    func steps(of place: Int, among count: Int, length: Int, padded: Int) throws(Fault) -> Int {
        guard let lengths else {
            // Without the model's own answer it is in proportion, a begun step counting as a whole one.
            return padded == 0 ? 0 : min(count, (length * count + padded - 1) / padded)
        }
        let told = lengths.item(place)[0]
        guard let steps = Int(exactly: told), (0...count).contains(steps) else {
            throw Self.fault(package, "says that an item has \(told) steps, but its output has \(count)")
        }
        return steps
    }

    /// Whether the model itself says how long an item is on the time axis.
    var tellsLengths: Bool { lengths != nil }

    /// A package that does not say what its model does.
    static func fault(_ package: ModelPackage, _ problem: String) -> Fault {
        Fault(.configuration, "the model '\(package.reference)' \(problem)")
    }
}

extension InferenceOutputs {
    /// The tensor of a declared output; `nil` as the name for the first.
    func tensor(_ name: String?, of package: ModelPackage) -> InferenceTensor? {
        let declared = package.manifest.outputs
        let place = name.map { name in declared.firstIndex { $0.name == name } } ?? 0
        guard let place else { return nil }
        if let own = declared[place].name, let named = tensors.first(where: { $0.name == own }) { return named }
        return tensors.indices.contains(place) ? tensors[place] : nil
    }
}
