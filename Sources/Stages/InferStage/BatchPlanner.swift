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
    ///
    /// Of all ways to cut the sorted items, this is the one with the fewest padded frames, each batch counted as
    /// `framesPerPass` frames more: batches are large where lengths are alike and small where they are far apart.
    package func plan(lengths: [Int]) -> [PlannedBatch] {
        // Equal lengths stay in the part's order.
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        // From the end: the least cost of the items from a place on, and how many of them the first batch takes.
        var costs = [Int](repeating: 0, count: order.count + 1)
        var counts = [Int](repeating: 0, count: order.count)
        for start in order.indices.reversed() {
            let length = paddedLength(of: lengths[order[start]])
            var best = Int.max
            for count in 1...max(1, min(limits.items, order.count - start)) {
                guard count == 1 || fits(count, of: length, last: lengths[order[start + count - 1]]) else { break }
                let cost = limits.framesPerPass + count * length + costs[start + count]
                // Of equal costs the fewer passes.
                if cost <= best { (best, counts[start]) = (cost, count) }
            }
            costs[start] = best
        }
        var batches: [PlannedBatch] = []
        var start = 0
        while start < order.count {
            let items = Array(order[start..<start + counts[start]])
            batches.append(PlannedBatch(items: items, length: paddedLength(of: lengths[order[start]])))
            start += items.count
        }
        return batches
    }

    private func fits(_ count: Int, of length: Int, last: Int) -> Bool {
        count * length <= limits.frames && (padding == .masked || last == length)
    }

    /// What an item of a length is padded to when it is the longest of its batch.
    package func paddedLength(of length: Int) -> Int {
        padding == .masked ? (length + limits.grid - 1) / limits.grid * limits.grid : length
    }
}
