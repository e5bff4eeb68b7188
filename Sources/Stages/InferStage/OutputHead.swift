internal import Fault
internal import JSON
internal import Models
internal import PipelineConfig
internal import StageRun

/// Interprets a model's outputs according to its package.
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
        let (tensors, rows) = (outputs.tensors, outputs.rows)
        guard let first = tensors.first, let main = OutputTensor(first, rows: rows) else {
            throw mismatch(tensors.first?.shape ?? [], "the first dimension must be the batch, which was \(rows)")
        }
        var results: [ItemResult] = []
        results.reserveCapacity(lengths.count)
        let second = tensors.dropFirst().first.flatMap { OutputTensor($0, rows: rows) }
        for (place, length) in lengths.enumerated() {
            // Outputs with their own time axis say how long each item is on it; otherwise it is proportional.
            func steps(of count: Int) -> Int {
                if let second, second.itemShape.reduce(1, *) == 1, let told = second.item(place).first, told.isFinite {
                    return min(max(Int(told), 0), count)
                }
                return padded == 0 ? 0 : min(count, (length * count + padded - 1) / padded)
            }
            results.append(try result(main, place, steps: steps, also: second))
        }
        return results
    }

    private func result(
        _ main: OutputTensor, _ place: Int, steps: (Int) -> Int, also second: OutputTensor?
    ) throws(Fault) -> ItemResult {
        let values = main.item(place)
        let output = package.manifest.output
        var members: JSONObject = ["model": .string(package.reference.description)]
        switch output.kind {
        case .labels, .tags:
            guard main.itemShape == [output.labels.count] else {
                throw mismatch(main.itemShape, "there are \(output.labels.count) labels")
            }
            guard values.holdsScores else { return Self.notANumber }
            if output.kind == .labels {
                Labels.write(values, output.labels, top: top, into: &members)
            } else {
                Tags.write(values, output.labels, threshold: tagThreshold, into: &members)
            }
        case .tokens:
            guard main.itemShape.count == 2, main.itemShape[1] == output.labels.count else {
                throw mismatch(main.itemShape, "there are \(output.labels.count) labels, for each of several frames")
            }
            let used = UnsafeBufferPointer(rebasing: values[..<(steps(main.itemShape[0]) * output.labels.count)])
            guard used.holdsScores else { return Self.notANumber }
            Tokens.write(used, output.labels, blank: output.blank, into: &members)
            // The second output is the lengths of the first, and is not kept.
            return .output(members, tensor: nil)
        case .values:
            guard values.isFinite else { return Self.notANumber }
            members["values"] = .array(values.map { .double(Double($0).roundedToSixDigits) })
        case .embedding:
            var shape = main.itemShape
            if shape.count >= 2 { shape[0] = steps(shape[0]) }
            return keep(values.prefix(shape.reduce(1, *)), shape, members)
        }
        guard let second else { return .output(members, tensor: nil) }
        return keep(second.item(place)[...], second.itemShape, members)
    }

    private func keep(_ values: Slice<UnsafeBufferPointer<Float>>, _ shape: [Int], _ members: JSONObject) -> ItemResult
    {
        guard UnsafeBufferPointer(rebasing: values).isFinite else { return Self.notANumber }
        var members = members
        members["shape"] = .array(shape.map { .int(Int64($0)) })
        return .output(members, tensor: KeptTensor(shape: shape, values: Array(values)))
    }

    private static let notANumber = ItemResult.failed("the model's output is not a number")

    private func mismatch(_ shape: [Int], _ expected: String) -> Fault {
        Fault(
            .configuration,
            "the model '\(package.reference)' gives \(package.manifest.output.kind.rawValue) of the shape \(shape), but \(expected): "
                + "its model.toml does not fit it")
    }
}
