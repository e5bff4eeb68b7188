internal import BatchFormat
internal import Fault
internal import Models

/// One item as input of the model: `length` rows of `width` numbers, in a mapped file.
package struct ItemTensor {
    /// Frames, or samples.
    package let length: Int
    /// Bins per frame; 1 for samples.
    package let width: Int
    /// The numbers, row-major.
    package let values: UnsafeBufferPointer<Float>

    /// Wraps numbers of a shape.
    package init(length: Int, width: Int, values: UnsafeBufferPointer<Float>) {
        self.length = length
        self.width = width
        self.values = values
    }

    /// The item's first frames or samples, or all of it if it is shorter.
    func beginning(of most: Int) -> ItemTensor {
        let length = min(length, most)
        return ItemTensor(
            length: length, width: width, values: UnsafeBufferPointer(rebasing: values[..<(length * width)]))
    }

    /// Reads a tensor as a kind of input; `nil` if its shape or type does not fit.
    init?(_ tensor: Tensor, as kind: ModelInput.Kind) {
        guard tensor.type == .float32 else { return nil }
        switch (kind, tensor.shape.count) {
        case (.features, 2): self.init(length: tensor.shape[0], width: tensor.shape[1], values: tensor.floats)
        // An embedding from another model is one frame.
        case (.features, 1): self.init(length: 1, width: tensor.shape[0], values: tensor.floats)
        case (.waveform, 1): self.init(length: tensor.shape[0], width: 1, values: tensor.floats)
        default: return nil
        }
    }
}

/// The tensors of a part's items, in the ledger's order.
struct PartTensors {
    /// One per item.
    let items: [ItemTensor]
    // The tensors are in this file's mapping.
    private let file: TensorFile

    /// Reads the file that suits the model: audio for waveforms, features, or another model's outputs.
    init(_ part: PartReader, rows: [LedgerRow], kind: ModelInput.Kind) throws(Fault) {
        let names = kind == .waveform ? [TensorNames.audio, TensorNames.features] : Self.featureFiles
        guard let name = names.first(where: { part.has($0) }) else {
            throw Fault(
                .configuration,
                "the model takes \(kind.rawValue), but '\(part.folder)' has neither "
                    + names.map { "'\($0)'" }.joined(separator: " nor ") + "; check the stage's input")
        }
        let file = try part.tensors(name)
        var items: [ItemTensor] = []
        items.reserveCapacity(rows.count)
        for row in rows {
            guard let tensor = file.tensor(row.id) else {
                throw Fault(.damaged, "'\(file.path)' has no tensor for the item '\(row.id)' of its ledger")
            }
            guard let item = ItemTensor(tensor, as: kind) else {
                throw Fault(
                    .configuration,
                    "the model takes \(kind.rawValue), but the item '\(row.id)' in '\(file.path)' has the shape \(tensor.shape)"
                )
            }
            if let first = items.first, first.width != item.width {
                throw Fault(
                    .damaged,
                    "the item '\(row.id)' in '\(file.path)' has \(item.width) bins, the first of the part has \(first.width)"
                )
            }
            items.append(item)
        }
        self.items = items
        self.file = file
    }

    /// Releases the memory of an item that has its result; its numbers are read from the file again if needed.
    func release(_ id: ItemID) { file.release(id) }

    private static let featureFiles = [TensorNames.features, TensorNames.outputs]
}
