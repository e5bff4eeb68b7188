internal import ObjectSources

/// Cuts incoming items into parts: at a number of items, at a number of bytes, or some time after a part's first item,
/// whichever comes first. A value that is given items and times, and reads no clock.
package struct PartCutter {
    private let items: Int
    private let bytes: Int
    private let wait: Double
    private var part: [ListedItem] = []
    private var size = 0
    private var began = 0.0

    /// - Parameters:
    ///   - items: the largest number of items in a part,
    ///   - bytes: and of bytes, as far as the listing states sizes; a larger item gets a part of its own.
    ///   - wait: seconds after its first item at which a part is cut, however small it is.
    package init(items: Int, bytes: Int, wait: Double = .infinity) {
        self.items = items
        self.bytes = bytes
        self.wait = wait
    }

    /// Adds an item.
    ///
    /// - Parameter now: seconds on a monotonic clock.
    /// - Returns: the part before the item, if the item no longer fits into it.
    package mutating func add(_ item: ListedItem, at now: Double = 0) -> [ListedItem]? {
        let more = Int(clamping: item.entry.size ?? 0)
        let before = part.count == items || size + more > bytes ? rest() : nil
        if part.isEmpty { began = now }
        part.append(item)
        size += more
        return before
    }

    /// The part that is due, if any: it is full, or its first item has waited long enough.
    package mutating func due(at now: Double) -> [ListedItem]? {
        part.count >= items || size >= bytes || now - began >= wait ? rest() : nil
    }

    /// The items not cut yet; `nil` if there are none.
    package mutating func rest() -> [ListedItem]? {
        guard !part.isEmpty else { return nil }
        defer { (part, size) = ([], 0) }
        return part
    }
}
