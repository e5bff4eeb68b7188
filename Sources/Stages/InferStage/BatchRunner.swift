package import Fault
internal import Models
internal import TorchModel

/// Runs planned batches. A batch that does not fit into memory is halved; one that fails is halved down to the item that
/// fails alone, and the others go on.
package final class BatchRunner {
    private let session: ModelSession
    private let head: OutputHead
    private let planner: BatchPlanner
    private let memory: MemoryGuard

    /// A runner for a loaded model.
    package init(
        _ session: ModelSession, options: InferOptions, planner: BatchPlanner, memory: MemoryGuard
    ) {
        self.session = session
        self.planner = planner
        self.memory = memory
        head = OutputHead(session.package, options: options)
    }

    /// One batch's results, in its order. It is cut, before anything runs, into as many as memory asks for.
    ///
    /// Throws when memory is so short that the run should end.
    package func run(_ items: [ItemTensor], length: Int) throws(Fault) -> [ItemResult] {
        let most = try memory.most(of: items.count, length: length) { (count) throws(Fault) in
            guard case .failed(.outOfMemory) = try attempt(Array(items.prefix(count)), length) else { return true }
            try memory.didNotFit(items: count, length: length)
            return false
        }
        guard most < items.count else { return try settled(items, length) }
        var results: [ItemResult] = []
        for start in stride(from: 0, to: items.count, by: most) {
            results += try settledTogether(items[start..<min(start + most, items.count)], length)
        }
        return results
    }

    private func settled(_ items: [ItemTensor], _ length: Int) throws(Fault) -> [ItemResult] {
        switch try attempt(items, length) {
        case .done(var results):
            try memory.ran(items: items.count, length: length)
            // Whether a number is none can be a neighbour's doing; alone an item answers for itself.
            for (place, result) in results.enumerated() where items.count > 1 {
                if case .failed = result { results[place] = try settled([items[place]], length)[0] }
            }
            return results
        case .failed(.badModel(let reason)):
            throw Fault(.configuration, "the model '\(session.package.reference)' cannot be used: \(reason)")
        case .failed(.deviceLost(let reason)):
            // Every item would fail from now on, and none of them would be to blame.
            throw session.lost(reason)
        case .failed(.outOfMemory(let reason)):
            try memory.didNotFit(items: items.count, length: length)
            if items.count == 1 {
                return [.failed("not enough memory for this item alone, padded to \(length): \(reason)")]
            }
            memory.halved(items: items.count, length: length, reason: reason)
            return try halved(items, length)
        case .failed(let error):
            return items.count == 1 ? [.failed("\(error)")] : try halved(items, length)
        }
    }

    private enum Attempt {
        case done([ItemResult])
        case failed(TorchError)
    }

    private func attempt(_ items: [ItemTensor], _ length: Int) throws(Fault) -> Attempt {
        let outputs: TorchOutputs
        do throws(TorchError) {
            outputs = try session.forward(items, length: length, width: items[0].width)
        } catch {
            return .failed(error)
        }
        return .done(
            try outputs.withTensors { (tensors) throws(Fault) in
                try head.results(
                    tensors, lengths: items.map(\.length), padded: length, rows: session.rows(for: items.count))
            })
    }

    private func halved(_ items: [ItemTensor], _ length: Int) throws(Fault) -> [ItemResult] {
        let middle = (items.count + 1) / 2
        return try settledTogether(items[..<middle], length) + settledTogether(items[middle...], length)
    }

    /// Some of a batch's items, padded no further than their own longest asks for: that spares memory, and it spares
    /// the short items of a batch the fate of the long one.
    private func settledTogether(_ items: ArraySlice<ItemTensor>, _ length: Int) throws(Fault) -> [ItemResult] {
        let longest = items.reduce(0) { max($0, $1.length) }
        return try settled(Array(items), min(length, planner.paddedLength(of: longest)))
    }
}
