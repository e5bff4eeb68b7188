internal import BatchFormat
internal import Fault
internal import JSON

/// Whether the tensors of a part are those that its ledger asks for.
enum TensorCheck {
    /// One message for each tensor that is not as it should be.
    static func messages(
        of part: PartReader, file: String, _ rows: [LedgerRow], stage: VersionIdentity
    ) throws(Fault) -> [String] {
        let tensors = try part.tensors(file)
        let ids = rows.map(\.id)
        var messages: [String] = []
        // A model need not have something to keep for every item; the other tools' tensors are for every item.
        let due = stage.tool == "infer" ? ids.filter(Set(tensors.names).contains) : ids
        // An empty tensor takes no place, so where it stands among its neighbours is not defined.
        if tensors.names.sorted() != due.sorted() || hasOther(order: tensors, due) {
            messages.append("'\(tensors.path)' does not hold one tensor for each item of the ledger, in order")
        }
        for row in rows {
            guard let tensor = tensors.tensor(row.id) else { continue }
            if tensor.type == .float32, !tensor.floats.allSatisfy({ $0.isFinite }) {
                messages.append("the tensor of '\(row.id)' in '\(tensors.path)' holds infinities or NaN")
            }
            if let told = toldShape(row, stage), told != tensor.shape {
                messages.append(
                    "the tensor of '\(row.id)' in '\(tensors.path)' has the shape \(tensor.shape), its line says \(told)"
                )
            }
        }
        return messages
    }

    private static func hasOther(order tensors: TensorFile, _ due: [ItemID]) -> Bool {
        func isLong(_ id: ItemID) -> Bool { tensors.shape(id).map { !$0.contains(0) } ?? false }
        return tensors.names.filter(isLong) != due.filter(isLong)
    }

    /// The shape that a line tells of: `frames` and `bins` of featurize.
    private static func toldShape(_ row: LedgerRow, _ stage: VersionIdentity) -> [Int]? {
        guard stage.tool == "featurize", let frames = row.object[stage.stage]?["frames"]?.int,
            let bins = row.object[stage.stage]?["bins"]?.int
        else { return nil }
        return [frames, bins]
    }
}
