/// How much memory the batches of a model take, as learnt from batches that ran and batches that did not fit.
///
/// All figures are upper bounds. An item's memory is assumed to grow at least linearly with its padded length and at
/// most with its square (attention); so a bound at one length gives one at any other.
package struct BatchFootprints: Sendable, Equatable {
    /// The most bytes per item of a padded length.
    package private(set) var bytesPerItem: [Int: Int] = [:]
    /// How many items of a padded length may be tried: one fewer than did not fit.
    package private(set) var ceilings: [Int: Int] = [:]

    /// Starts without knowledge.
    package init() {}

    /// Starts with what was known before.
    package init(bytesPerItem: [Int: Int], ceilings: [Int: Int]) {
        self.bytesPerItem = bytesPerItem
        self.ceilings = ceilings
    }

    /// The most bytes per item padded to `length`; `nil` while no batch has run.
    package func bytes(perItemOf length: Int) -> Int? {
        bytesPerItem.map { known, bytes in
            let ratio = Double(length) / Double(known)
            return Int((Double(bytes) * (length <= known ? ratio : ratio * ratio)).rounded(.up))
        }.min()
    }

    /// The most items padded to `length` that are worth trying, at least 1; `nil` if every batch has fitted.
    package func ceiling(of length: Int) -> Int? {
        ceilings.map { known, items in
            // What did not fit will not fit at a greater length either; at a smaller one, the same number of frames may
            // not fit.
            max(1, length >= known ? items : items * known / length)
        }.min()
    }

    /// Learns from a batch that ran, and the most bytes it took.
    package mutating func ran(items: Int, length: Int, bytes: Int) {
        let each = max(1, bytes / items)
        // Only figures that narrow the bounds are kept, so that there are few.
        guard each < self.bytes(perItemOf: length) ?? .max else { return }
        bytesPerItem[length] = each
    }

    /// Learns from a batch that did not fit.
    package mutating func failed(items: Int, length: Int) {
        ceilings[length] = max(1, min(items - 1, ceilings[length] ?? .max))
        // It was expected to fit, so the bounds are wrong and are learnt again.
        bytesPerItem = [:]
    }
}
