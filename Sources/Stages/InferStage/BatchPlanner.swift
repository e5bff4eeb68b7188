package import Models

/// Items that go through the model together.
package struct PlannedBatch: Sendable, Hashable {
    /// The items' places in the part, longest item first.
    package let items: [Int]
    /// The length that each is padded to.
    package let length: Int

    /// Names a batch.
    package init(items: [Int], length: Int) {
        self.items = items
        self.length = length
    }
}

/// Sorts a part's items into batches. The batches follow from the lengths and the limits alone, so that the results do
/// not depend on the machine or on what ran before.
package struct BatchPlanner: Sendable {
    private let limits: BatchLimits
    private let padding: ModelInput.Padding

    /// A planner for a model that allows padding or does not.
    package init(limits: BatchLimits, padding: ModelInput.Padding) {
        self.limits = limits
        self.padding = padding
    }

    /// Makes batches of items of the given lengths, longest first: if memory is short, it shows at once.
    ///
    /// Every item is in exactly one batch. A batch keeps both limits, except that an item longer than the limit goes
    /// alone. With exact padding all items of a batch have one length, and nothing is padded.
    package func plan(lengths: [Int]) -> [PlannedBatch] {
        // Equal lengths stay in the part's order.
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        var batches: [PlannedBatch] = []
        var open: (items: [Int], length: Int) = ([], 0)
        for item in order {
            let fits =
                open.items.count < limits.items && (open.items.count + 1) * open.length <= limits.frames
                && (padding == .masked || lengths[item] == open.length)
            if open.items.isEmpty || !fits {
                if !open.items.isEmpty { batches.append(PlannedBatch(items: open.items, length: open.length)) }
                open = ([], paddedLength(of: lengths[item]))
            }
            open.items.append(item)
        }
        if !open.items.isEmpty { batches.append(PlannedBatch(items: open.items, length: open.length)) }
        return batches
    }

    /// What an item of a length is padded to when it is the longest of its batch.
    package func paddedLength(of length: Int) -> Int {
        padding == .masked ? (length + limits.grid - 1) / limits.grid * limits.grid : length
    }
}
