internal import Fault
internal import JSON
internal import Models
internal import PipelineConfig
internal import StageRun

/// Interprets a model's outputs according to its package.
///
/// The members of the first output that is not an embedding stand beside `model`; those of each further one in an object of its
/// name. The tensor of an embedding is kept, and its `shape` stands beside `model`.
struct OutputHead {
    private let package: ModelPackage
    private let top: Int
    private let tagThreshold: Double

    init(_ package: ModelPackage, options: InferConfig) {
        self.package = package
        top = options.top
        tagThreshold = options.tagThreshold
    }

    /// Interprets a batch's outputs, item by item.
    ///
    /// - Parameters:
    ///   - lengths: the items' own lengths.
    ///   - padded: the length they were padded to.
    /// - Throws: `.configuration` if the outputs do not match `model.toml`.
    func results(_ outputs: InferenceOutputs, lengths: [Int], padded: Int) throws(Fault) -> [ItemResult] {
        let declared = try DeclaredOutputs(outputs, of: package)
        var results: [ItemResult] = []
        results.reserveCapacity(lengths.count)
        for (place, length) in lengths.enumerated() {
            results.append(try result(declared, Item(place: place, length: length, padded: padded)))
        }
        return results
    }

    /// An item of a batch.
    private struct Item {
        let place: Int
        let length: Int
        let padded: Int
    }

    private func result(_ declared: DeclaredOutputs, _ item: Item) throws(Fault) -> ItemResult {
        var members: JSONObject = ["model": .string(package.reference.description)]
        var kept: KeptTensor?
        var hasMain = false
        for (output, tensor) in declared.results {
            func steps(_ count: Int) throws(Fault) -> Int {
                try declared.steps(of: item.place, among: count, length: item.length, padded: item.padded)
            }
            if output.kind == .embedding {
                let embedding = try cut(tensor, output, item.place, steps)
                guard embedding.values.allSatisfy(\.isFinite) else { return .failed(Self.notANumber) }
                members["shape"] = .array(embedding.shape.map { .int(Int64($0)) })
                kept = embedding
                continue
            }
            switch try read(tensor, output, item.place, steps) {
            case .failure(let problem): return .failed(problem.message)
            case .success(let own) where hasMain: members[output.name ?? ""] = .object(own)
            case .success(let own):
                for (name, value) in own.members { members[name] = value }
                hasMain = true
            }
        }
        return .output(members, tensor: kept)
    }

    /// What an output says of an item that is not kept as a tensor.
    private func read(
        _ tensor: OutputTensor, _ output: ModelOutput, _ place: Int, _ steps: (Int) throws(Fault) -> Int
    ) throws(Fault) -> Result<JSONObject, ItemProblem> {
        var members = JSONObject()
        let shape = tensor.itemShape
        switch output.kind {
        case .labels, .tags:
            guard shape == [output.labels.count] else {
                throw mismatch(output, shape, "there are \(output.labels.count) labels")
            }
            let values = tensor.item(place)
            guard values.holdsScores else { return .failure(ItemProblem(Self.notANumber)) }
            guard let scores = output.activation.scores(values) else {
                return .failure(ItemProblem(Self.noProbability))
            }
            if output.kind == .labels {
                Labels.write(scores, output.labels, top: top, into: &members)
            } else {
                Tags.write(scores, output.labels, threshold: tagThreshold, into: &members)
            }
        case .tokens:
            let count = output.labels.count
            guard shape.count == 2, shape[1] == count else {
                throw mismatch(output, shape, "there are \(count) labels, for each of several frames")
            }
            let used = UnsafeBufferPointer(rebasing: tensor.item(place)[..<(try steps(shape[0]) * count)])
            guard used.holdsScores else { return .failure(ItemProblem(Self.notANumber)) }
            let isRead = Tokens.write(
                used, output.labels, blank: output.blank, activation: output.activation, into: &members)
            guard isRead else { return .failure(ItemProblem(Self.noProbability)) }
        case .values, .embedding, .lengths, .ignored:
            let values = try cut(tensor, output, place, steps).values
            guard values.allSatisfy(\.isFinite) else { return .failure(ItemProblem(Self.notANumber)) }
            members["values"] = .array(output.activation.values(values, last: shape.last ?? 1).map { .double($0) })
        }
        return .success(members)
    }

    /// An item's tensor, without what padding added to its time axis.
    private func cut(
        _ tensor: OutputTensor, _ output: ModelOutput, _ place: Int, _ steps: (Int) throws(Fault) -> Int
    ) throws(Fault) -> KeptTensor {
        let shape = tensor.itemShape
        let whole = KeptTensor(shape: shape, values: Array(tensor.item(place)))
        guard let axis = output.timeAxis(rank: shape.count) else { return whole }
        guard axis < shape.count else { throw mismatch(output, shape, "its axis is \(axis)") }
        return whole.first(try steps(shape[axis]), along: axis)
    }

    private struct ItemProblem: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    private static let notANumber = "the model's output is not a number"
    private static let noProbability =
        "the model's output is not a probability, although its model.toml says activation = \"none\""

    private func mismatch(_ output: ModelOutput, _ shape: [Int], _ expected: String) -> Fault {
        let name = output.name.map { " as '\($0)'" } ?? ""
        return DeclaredOutputs.fault(
            package,
            "gives \(output.kind.rawValue) of the shape \(shape)\(name), but \(expected): its model.toml does not fit it"
        )
    }
}

extension ModelOutput {
    /// The dimension of an item's tensor that padding lengthens; `nil` for none.
    func timeAxis(rank: Int) -> Int? {
        switch axis {
        case .dimension(let axis): axis
        case .none: nil
        case .usual: kind == .embedding && rank >= 2 ? 0 : nil
        }
    }
}
