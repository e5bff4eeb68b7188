/// How much memory batches of one model take, as far as batches that ran, and batches that did not fit, have shown.
///
/// All figures are upper bounds. What an item takes is assumed to grow with its padded length no slower than the length,
/// and no faster than its square (attention); so a bound at one length gives one at any other.
package struct BatchFootprints: Sendable, Equatable {
    /// Bytes that an item of a padded length takes at most.
    package private(set) var bytesPerItem: [Int: Int] = [:]
    /// How many items of a padded length may be tried: one less than did not fit.
    package private(set) var ceilings: [Int: Int] = [:]

    /// Nothing is known yet.
    package init() {}

    /// What was known before.
    package init(bytesPerItem: [Int: Int], ceilings: [Int: Int]) {
        self.bytesPerItem = bytesPerItem
        self.ceilings = ceilings
    }

    /// Bytes that an item padded to `length` takes at most; `nil` while no batch has run.
    package func bytes(perItemOf length: Int) -> Int? {
        bytesPerItem.map { known, bytes in
            let ratio = Double(length) / Double(known)
            return Int((Double(bytes) * (length <= known ? ratio : ratio * ratio)).rounded(.up))
        }.min()
    }

    /// The most items padded to `length` that are worth trying, at least 1; `nil` if nothing has failed to fit.
    package func ceiling(of length: Int) -> Int? {
        ceilings.map { known, items in
            // What did not fit does not fit either when it is longer; shorter, as many frames may not.
            max(1, length >= known ? items : items * known / length)
        }.min()
    }

    /// Learns from a batch that ran and took at most so many bytes.
    package mutating func ran(items: Int, length: Int, bytes: Int) {
        let each = max(1, bytes / items)
        // Only what narrows the bounds is kept, so that there are few.
        guard each < self.bytes(perItemOf: length) ?? .max else { return }
        bytesPerItem[length] = each
    }

    /// Learns from a batch that did not fit.
    package mutating func failed(items: Int, length: Int) {
        ceilings[length] = max(1, min(items - 1, ceilings[length] ?? .max))
        // It was believed to fit, so the bounds are wrong: they are learned anew.
        bytesPerItem = [:]
    }
}
