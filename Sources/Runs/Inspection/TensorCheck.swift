internal import BatchFormat
internal import Fault
internal import JSON

/// Whether a part's tensors are those that its ledger requires.
enum TensorCheck {
    /// One message for each tensor that is wrong.
    static func messages(
        of part: PartReader, file: String, _ rows: [LedgerRow], stage: VersionIdentity
    ) throws(Fault) -> [String] {
        let tensors = try part.tensors(file)
        let ids = rows.map(\.id)
        var messages: [String] = []
        // A model need not keep a tensor for every item; the other tools write one for every item.
        let due = stage.tool == "infer" ? ids.filter(Set(tensors.names).contains) : ids
        // An empty tensor takes no space, so its order among its neighbours is undefined.
        if tensors.names.sorted() != due.sorted() || hasOther(order: tensors, due) {
            messages.append("'\(tensors.path)' does not have one tensor for each item of the ledger, in order")
        }
        for row in rows {
            guard let tensor = tensors.tensor(row.id) else { continue }
            if tensor.type == .float32, !tensor.floats.allSatisfy({ $0.isFinite }) {
                messages.append("the tensor of '\(row.id)' in '\(tensors.path)' contains infinities or NaN")
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

    /// The shape recorded on a line: `frames` and `bins` of featurize.
    private static func toldShape(_ row: LedgerRow, _ stage: VersionIdentity) -> [Int]? {
        guard stage.tool == "featurize", let frames = row.object[stage.stage]?[LedgerKeys.frames]?.int,
            let bins = row.object[stage.stage]?[LedgerKeys.bins]?.int
        else { return nil }
        return [frames, bins]
    }
}
