internal import ObjectStore

/// Cuts the items that come in into parts: at a number of items, at a number of bytes, or so long after a part's first
/// item, whichever comes first. A value that is told of items and times, and reads no clock.
package struct PartCutter {
    private let items: Int
    private let bytes: Int
    private let wait: Double
    private var part: [ListedItem] = []
    private var size = 0
    private var began = 0.0

    /// - Parameters:
    ///   - items: a part holds at most so many items,
    ///   - bytes: and so many bytes, as far as the listing knows sizes; an item that is larger has a part of its own.
    ///   - wait: seconds after its first item at which a part is cut, however small it is.
    package init(items: Int, bytes: Int, wait: Double = .infinity) {
        self.items = items
        self.bytes = bytes
        self.wait = wait
    }

    /// Takes an item.
    ///
    /// - Parameter now: seconds on any clock that never goes back.
    /// - Returns: the part before it, if the item does not fit into that any more.
    package mutating func add(_ item: ListedItem, at now: Double = 0) -> [ListedItem]? {
        let more = Int(clamping: item.entry.size ?? 0)
        let before = part.count == items || size + more > bytes ? rest() : nil
        if part.isEmpty { began = now }
        part.append(item)
        size += more
        return before
    }

    /// The part that must not wait any longer, if there is one: it is full, or its first item has waited long enough.
    package mutating func due(at now: Double) -> [ListedItem]? {
        part.count >= items || size >= bytes || now - began >= wait ? rest() : nil
    }

    /// What has not been cut; `nil` if that is nothing.
    package mutating func rest() -> [ListedItem]? {
        guard !part.isEmpty else { return nil }
        defer { (part, size) = ([], 0) }
        return part
    }
}
