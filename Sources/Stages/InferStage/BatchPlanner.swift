package import Models

/// Items that go through the model together.
package struct PlannedBatch: Sendable, Hashable {
    /// The items' indices in the part, longest item first.
    package let items: [Int]
    /// The length to which each is padded.
    package let length: Int

    /// Makes a batch.
    package init(items: [Int], length: Int) {
        self.items = items
        self.length = length
    }
}

/// Groups a part's items into batches. The batches follow only from the lengths and the limits, so that the results do
/// not depend on the machine or on what ran before.
package struct BatchPlanner: Sendable {
    private let limits: BatchLimits
    private let padding: ModelInput.Padding

    /// Makes a planner for a model that allows padding or does not.
    package init(limits: BatchLimits, padding: ModelInput.Padding) {
        self.limits = limits
        self.padding = padding
    }

    /// Makes batches of items of the given lengths, longest first: a lack of memory shows at once.
    ///
    /// Every item is in exactly one batch. A batch observes both limits, except that an item longer than the limit goes
    /// alone. With exact padding, all items of a batch have the same length, and nothing is padded.
    ///
    /// Of all ways to cut the sorted items, this is the one with the fewest padded frames, where each batch counts as
    /// `framesPerPass` additional frames: batches are large where lengths are similar and small where they differ.
    package func plan(lengths: [Int]) -> [PlannedBatch] {
        // Equal lengths stay in the part's order.
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        // From the end: the lowest cost of the items from an index on, and how many of them the first batch takes.
        var costs = [Int](repeating: 0, count: order.count + 1)
        var counts = [Int](repeating: 0, count: order.count)
        for start in order.indices.reversed() {
            let length = paddedLength(of: lengths[order[start]])
            var best = Int.max
            for count in 1...max(1, min(limits.items, order.count - start)) {
                guard count == 1 || fits(count, of: length, last: lengths[order[start + count - 1]]) else { break }
                let cost = limits.framesPerPass + count * length + costs[start + count]
                // At equal cost, the fewer passes.
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

    /// The length to which an item is padded if it is the longest of its batch.
    package func paddedLength(of length: Int) -> Int {
        padding == .masked ? (length + limits.grid - 1) / limits.grid * limits.grid : length
    }
}
