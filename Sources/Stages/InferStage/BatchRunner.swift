package import Fault
package import Models
package import PipelineConfig

/// Runs planned batches. A batch that does not fit into memory is halved; one that fails is halved down to the item
/// that fails alone, and the others continue.
package final class BatchRunner {
    private let engine: any InferenceEngine
    private let head: OutputHead
    private let planner: BatchPlanner
    private let memory: MemoryGuard

    /// Makes a runner for an engine that is ready.
    package init(
        _ engine: any InferenceEngine, of package: ModelPackage, options: InferConfig, planner: BatchPlanner,
        memory: MemoryGuard
    ) {
        self.engine = engine
        self.planner = planner
        self.memory = memory
        head = OutputHead(package, options: options)
    }

    /// A batch's results, in order. Before it runs, it is cut into as many batches as memory requires.
    ///
    /// Throws if memory is so short that the run should end.
    package func run(_ items: [ItemTensor], length: Int) throws(Fault) -> [ItemResult] {
        let most = try memory.most(of: items.count, length: length) { (count) throws(Fault) in
            guard case .failed(.outOfMemory) = attempt(Array(items.prefix(count)), length) else { return true }
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
        switch attempt(items, length) {
        case .done(var results):
            try memory.ran(items: items.count, length: length)
            // NaN may be caused by a neighbour; alone, an item is responsible for its own result.
            for (place, result) in results.enumerated() where items.count > 1 {
                if case .failed = result { results[place] = try settled([items[place]], length)[0] }
            }
            return results
        case .failed(.outOfMemory(let reason)):
            try memory.didNotFit(items: items.count, length: length)
            if items.count == 1 {
                return [.failed("not enough memory for this item alone, padded to \(length): \(reason)")]
            }
            memory.halved(items: items.count, length: length, reason: reason)
            return try halved(items, length)
        case .failed(.failed(let reason)):
            return items.count == 1 ? [.failed(reason)] : try halved(items, length)
        case .failed(.ended(let fault)):
            // Every item would fail from now on, through no fault of its own.
            throw fault
        }
    }

    private enum Attempt {
        case done([ItemResult])
        case failed(InferenceFailure)
    }

    private func attempt(_ items: [ItemTensor], _ length: Int) -> Attempt {
        do throws(InferenceFailure) {
            return .done(
                try engine.forward(items, length: length, width: items[0].width) { (outputs) throws(Fault) in
                    try head.results(outputs, lengths: items.map(\.length), padded: length)
                })
        } catch {
            return .failed(error)
        }
    }

    private func halved(_ items: [ItemTensor], _ length: Int) throws(Fault) -> [ItemResult] {
        let middle = (items.count + 1) / 2
        return try settledTogether(items[..<middle], length) + settledTogether(items[middle...], length)
    }

    /// Some of a batch's items, padded only to the longest of them: this saves memory, and saves the short items of a
    /// batch from the long one's failure.
    private func settledTogether(_ items: ArraySlice<ItemTensor>, _ length: Int) throws(Fault) -> [ItemResult] {
        let longest = items.reduce(0) { max($0, $1.length) }
        return try settled(Array(items), min(length, planner.paddedLength(of: longest)))
    }
}
