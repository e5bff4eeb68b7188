package import Fault
internal import JSON
internal import Models
package import StageRun
internal import TorchModel

/// Runs planned batches. A batch that does not fit into memory is halved; one that fails is halved down to the item that
/// fails alone, and the others go on.
package final class BatchRunner {
    private let session: ModelSession
    private let head: OutputHead
    private let events: EventLog
    // The largest block, in frames, that may be tried: learned from the batches that did not fit.
    private var ceiling = Int.max

    /// A runner for a loaded model.
    package init(_ session: ModelSession, options: InferOptions, events: EventLog) {
        self.session = session
        head = OutputHead(session.package, options: options)
        self.events = events
    }

    /// One batch's results, in its order.
    package func run(_ items: [ItemTensor], length: Int) throws(Fault) -> [ItemResult] {
        if items.count > 1, items.count * length > ceiling { return try halved(items, length) }
        switch try attempt(items, length) {
        case .done(var results):
            // Whether a number is none can be a neighbour's doing; alone an item answers for itself.
            for (place, result) in results.enumerated() where items.count > 1 {
                if case .failed = result { results[place] = try run([items[place]], length: length)[0] }
            }
            return results
        case .failed(.badModel(let reason)):
            throw Fault(.configuration, "the model '\(session.package.reference)' cannot be used: \(reason)")
        case .failed(.outOfMemory(let reason)):
            try session.makeRoom()
            if items.count == 1 {
                return [.failed("not enough memory for this item alone, padded to \(length): \(reason)")]
            }
            ceiling = min(ceiling, items.count * length - 1)
            events.record(
                "batch_halved", level: .warning,
                "\(items.count) items, padded to \(length), did not fit into memory: halved",
                ["items": .int(Int64(items.count)), "length": .int(Int64(length)), "reason": .string(reason)])
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
        // The planned length is kept: cutting a batch must not change what an item is padded to.
        let first = try run(Array(items[..<middle]), length: length)
        return first + (try run(Array(items[middle...]), length: length))
    }
}
