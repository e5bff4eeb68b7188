internal import Fault
internal import JSON
internal import Models

/// Proves on one item, before the first batch, what `model.toml` says and what wrong numbers would follow from: that padding
/// does not change results, which dimension padding lengthens, and that the activation has not been applied already.
struct ModelProof {
    private let package: ModelPackage
    private let engine: any InferenceEngine
    private let planner: BatchPlanner

    /// - Parameter engine: ready to run.
    init(_ package: ModelPackage, _ engine: any InferenceEngine, _ planner: BatchPlanner) {
        self.package = package
        self.engine = engine
        self.planner = planner
    }

    /// How far apart results may be that should be equal, relative to the largest number: other shapes are computed in another
    /// order.
    private var tolerance: Float { engine.isCoarse ? 5e-2 : 1e-3 }

    /// Runs an item alone, padded, and beside a longer one.
    ///
    /// - Returns: for the log, what was proved.
    /// - Throws: `.configuration` for a package that does not say what its model does.
    func check(_ item: ItemTensor) throws(Fault) -> String {
        let (alone, why) = try run([item], of: 0, length: item.length)
        guard let alone else { return "not proved: the model does not run on an item alone: \(why)" }
        try checkActivation(alone)
        guard package.manifest.input.padding == .masked else {
            return "not needed: only items of equal length share a batch"
        }
        let length = planner.paddedLength(of: item.length + max(1, item.length / 4))
        let (padded, refusal) = try run([item], of: 0, length: length)
        guard let padded else { return "not proved: the model does not run on \(length) steps: \(refusal)" }
        for (output, (own, others)) in zip(alone.outputs, zip(alone.results, padded.results)) {
            try checkAxis(output, own, others, lengths: (item.length, length))
        }
        try compare(alone, padded, "when it is padded from \(item.length) to \(length) steps")
        // An item of another length, with the same kind of numbers.
        let long = UnsafeMutableBufferPointer<Float>.allocate(capacity: length * item.width)
        defer { long.deallocate() }
        for at in long.indices { long.initializeElement(at: at, to: item.values[at % item.values.count]) }
        let neighbour = ItemTensor(length: length, width: item.width, values: UnsafeBufferPointer(long))
        let (among, _) = try run([neighbour, item], of: 1, length: length)
        if let among { try compare(alone, among, "when it shares a batch with an item of \(length) steps") }
        return "proved"
    }

    /// What a run gave for one item.
    private struct Run {
        var outputs: [ModelOutput] = []
        var results: [KeptTensor] = []
        /// The steps of each result that belong to the item; `nil` for a result without a time axis.
        var steps: [Int?] = []
        var tellsLengths = false
    }

    private func run(_ items: [ItemTensor], of place: Int, length: Int) throws(Fault) -> (Run?, String) {
        do throws(InferenceFailure) {
            let run = try engine.forward(items, length: length, width: items[0].width) { (outputs) throws(Fault) in
                let declared = try DeclaredOutputs(outputs, of: package)
                var run = Run(tellsLengths: declared.tellsLengths)
                for (output, tensor) in declared.results {
                    let shape = tensor.itemShape
                    run.outputs.append(output)
                    run.results.append(KeptTensor(shape: shape, values: Array(tensor.item(place))))
                    var steps: Int?
                    if let axis = output.timeAxis(rank: shape.count), axis < shape.count {
                        steps = try declared.steps(
                            of: place, among: shape[axis], length: items[place].length, padded: length)
                    }
                    run.steps.append(steps)
                }
                return run
            }
            return (run, "")
        } catch {
            switch error {
            case .ended(let fault): throw fault
            case .failed(let reason), .outOfMemory(let reason): return (nil, reason)
            }
        }
    }

    // MARK: - The activation

    /// Refuses rows that are probabilities already where `model.toml` leaves the activation open: it would be applied twice.
    private func checkActivation(_ run: Run) throws(Fault) {
        for (output, result) in zip(run.outputs, run.results) where !output.statesActivation {
            let count = output.labels.count
            guard output.kind != .tags else {
                // Scores of many tags are negative for most.
                if result.values.count >= 32, result.values.allSatisfy({ (0...1).contains($0) }) {
                    throw applied(output)
                }
                continue
            }
            guard count >= 2, result.values.count >= count, result.values.count % count == 0 else { continue }
            let isApplied = stride(from: 0, to: result.values.count, by: count).allSatisfy { start in
                let row = result.values[start..<start + count]
                return row.allSatisfy { (0...1).contains($0) } && abs(row.reduce(0) { $0 + Double($1) } - 1) < 1e-5
            }
            if isApplied { throw applied(output) }
        }
    }

    private func applied(_ output: ModelOutput) -> Fault {
        DeclaredOutputs.fault(
            package,
            "seems to apply \(output.activation.rawValue) itself: \(Self.said(output)) holds probabilities. Say activation = \"none\" "
                + "in its model.toml, or activation = \"\(output.activation.rawValue)\" to apply it a second time")
    }

    // MARK: - The time axis

    private func checkAxis(
        _ output: ModelOutput, _ alone: KeptTensor, _ padded: KeptTensor, lengths: (own: Int, padded: Int)
    ) throws(Fault) {
        guard alone.shape.count == padded.shape.count else { return }
        let growing = alone.shape.indices.filter { alone.shape[$0] != padded.shape[$0] }
        let axis = output.timeAxis(rank: alone.shape.count)
        if growing.isEmpty {
            // Few steps can be one step more or less; a matrix whose rows are something else must not be cut.
            guard output.axis == .usual, let axis, lengths.own < lengths.padded, alone.shape[axis] > 1 else { return }
            throw DeclaredOutputs.fault(
                package,
                "gives \(Self.said(output)) of the shape \(alone.shape) for \(lengths.own) steps and for \(lengths.padded): its rows are "
                    + "not steps in time; say axis = \"none\" in its model.toml")
        }
        guard growing != [axis] else { return }
        let advice =
            growing.count == 1 && (output.kind == .values || output.kind == .embedding)
            ? "say axis = \(growing[0]) in its model.toml, so that padding is cut off"
            : "an output can follow time in one dimension only, and labels and tags in none"
        throw DeclaredOutputs.fault(
            package,
            "gives \(Self.said(output)) of the shape \(alone.shape) for \(lengths.own) steps and \(padded.shape) for \(lengths.padded): \(advice)"
        )
    }

    // MARK: - Padding

    private func compare(_ alone: Run, _ other: Run, _ situation: String) throws(Fault) {
        for at in alone.results.indices {
            let output = alone.outputs[at]
            let (own, found) = (cut(alone, at), cut(other, at))
            guard own.shape == found.shape else {
                // For tokens a step of padding more or less is a blank; for numbers that are kept it is a number too many.
                if output.kind == .tokens, !alone.tellsLengths, abs(own.shape[0] - found.shape[0]) <= 1 { continue }
                throw DeclaredOutputs.fault(
                    package,
                    "gives \(Self.said(output)) of the shape \(own.shape) for an item alone and \(found.shape) \(situation); let the "
                        + "model return the items' lengths too, and declare them with kind = \"lengths\"")
            }
            let scale = own.values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
            var worst: (difference: Float, own: Float, found: Float) = (0, 0, 0)
            for (own, found) in zip(own.values, found.values) where own != found && own.isFinite && found.isFinite {
                if abs(own - found) > worst.difference { worst = (abs(own - found), own, found) }
            }
            guard worst.difference > 1e-4 + tolerance * scale else { continue }
            let share = (Double(worst.difference / scale) * 100).rounded(decimals: 1)
            throw DeclaredOutputs.fault(
                package,
                "says padding = \"masked\", but \(Self.said(output)) of an item differs by \(share) % \(situation) (\(worst.own) alone, "
                    + "\(worst.found) so): say padding = \"exact\" in its model.toml, or fix its mask")
        }
    }

    private func cut(_ run: Run, _ at: Int) -> KeptTensor {
        let result = run.results[at]
        guard let steps = run.steps[at], let axis = run.outputs[at].timeAxis(rank: result.shape.count) else {
            return result
        }
        return result.first(steps, along: axis)
    }

    private static func said(_ output: ModelOutput) -> String {
        output.name.map { "the output '\($0)'" } ?? "its output"
    }
}
