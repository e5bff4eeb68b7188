internal import BatchFormat
internal import JSON

/// How a listing differs from the one that an earlier version was made from. Only for people; nothing depends on it.
package struct ListingChanges: Sendable {
    /// The number of keys listed for each kind of change.
    private static let named = 10

    private var new: [ItemID] = []
    private var changed: [ItemID] = []
    private var gone: [ItemID] = []

    /// Compares a listing with an earlier one's records.
    init(_ listing: [ListedItem], since records: [JSONObject]) {
        var earlier: [ItemID: JSONObject] = [:]
        for record in records { if let id = record["id"]?.string { earlier[ItemID(id)] = record } }
        for item in listing {
            guard let record = earlier.removeValue(forKey: item.id) else {
                new.append(item.id)
                continue
            }
            if record != item.record { changed.append(item.id) }
        }
        gone = earlier.keys.sorted()
    }

    /// One line for each kind of change, listing the first keys.
    package var lines: [String] {
        [("new", new), ("changed", changed), ("gone", gone)].filter { !$0.1.isEmpty }.map { word, ids in
            let names = ids.prefix(Self.named).map { "'\($0)'" }.joined(separator: ", ")
            let rest = ids.count > Self.named ? " and \(ids.count - Self.named) more" : ""
            return "\(ids.count) \(ids.count == 1 ? "key is" : "keys are") \(word): \(names)\(rest)"
        }
    }
}
