internal import BatchFormat
internal import Fault
internal import JSON
package import ObjectSources
internal import StageRun

/// Joins rows of metadata to items by their keys, and counts.
///
/// A key that is an item's, byte for byte, always wins. A row that meets no item so is compared with the items that met
/// no row by what both mean: without the source's address in front (`s3://bucket/prefix/`), without `./` or `/` in
/// front, with `/` for `\`, and in any of Unicode's normal forms. Where two rows or two items mean the same, none is
/// joined.
package final class MetadataJoin {
    private let addresses: [String]
    /// Keys of the rows that met an item.
    private var used: Set<ItemID> = []
    private var table = MetadataTable()
    private var items = 0
    private var without: [ItemID] = []
    private var withoutCount = 0

    private static let examples = 3

    /// - Parameter addresses: what the source's name can be in front of a key.
    package init(addresses: [String]) { self.addresses = addresses }

    /// The rows, and how many met an item so far.
    var counts: MetadataCounts { MetadataCounts(rows: table.count, used: used.count) }

    /// Joins a table to items that were not joined before.
    package func join(_ entries: [ObjectEntry], _ table: MetadataTable) -> [ListedItem] {
        self.table = table
        items += entries.count
        guard table.count > 0 else {
            withoutCount += entries.count
            without += entries.prefix(Self.examples - without.count).map { ItemID($0.key) }
            return entries.map { ListedItem($0) }
        }
        let close = closeMatches(of: entries)
        return entries.map { entry in
            let id = ItemID(entry.key)
            guard let key = table.rows[id] == nil ? close[id] : id, let row = table.rows[key] else {
                withoutCount += 1
                if without.count < Self.examples { without.append(id) }
                return ListedItem(entry)
            }
            used.insert(key)
            var fields = entry.fields
            for (name, value) in row.fields.members { fields[name] = value }
            return ListedItem(entry, fields: fields, metadataProblem: row.problem)
        }
    }

    /// The keys of rows that mean an item without a row of its own.
    private func closeMatches(of entries: [ObjectEntry]) -> [ItemID: ItemID] {
        let alone = entries.map { ItemID($0.key) }.filter { table.rows[$0] == nil }
        guard !alone.isEmpty else { return [:] }
        let listed = Set(entries.map { ItemID($0.key) })
        // Texts are compared as Swift compares them: equal in any normal form.
        var meant: [String: [ItemID]] = [:]
        for key in table.rows.keys where !listed.contains(key) && !used.contains(key) {
            meant[plain(key.text), default: []].append(key)
        }
        guard !meant.isEmpty else { return [:] }
        var items: [String: [ItemID]] = [:]
        for id in alone { items[plain(id.text), default: []].append(id) }
        var matches: [ItemID: ItemID] = [:]
        for (text, ids) in items where ids.count == 1 {
            if let keys = meant[text], keys.count == 1 { matches[ids[0]] = keys[0] }
        }
        return matches
    }

    /// What a key means.
    private func plain(_ key: String) -> String {
        var bytes = Array(key.utf8)[...]
        if let address = addresses.first(where: { bytes.starts(with: $0.utf8) }) {
            bytes = bytes.dropFirst(address.utf8.count)
        }
        bytes = bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }[...]
        while true {
            if bytes.starts(with: "./".utf8) {
                bytes = bytes.dropFirst(2)
            } else if bytes.starts(with: "/".utf8) {
                bytes = bytes.dropFirst()
            } else {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// Records how the rows met the items.
    func report(to events: EventLog) {
        for problem in table.lost.prefix(10) { events.record(MetadataRowUnusable(problem)) }
        events.record(MetadataJoined(rows: table.count, used: used.count, items: items))
        let unused = table.count - used.count
        guard unused > 0, withoutCount > 0 else { return }
        let keys = table.rows.keys.filter { !used.contains($0) }.sorted().prefix(Self.examples).map(\.text)
        events.record(
            MetadataUnmatched(
                rows: unused, such: keys, items: withoutCount, such: without.map(\.text)))
    }

    /// Why too few items have metadata; `nil` if enough have.
    package func failure(least: Double) -> String? {
        guard items > 0 else { return nil }
        let ratio = Double(used.count) / Double(items)
        guard ratio < least else { return nil }
        return "\(used.count) of \(items) items have metadata (\(ratio.rounded(decimals: 4))), "
            + "less than min_joined_ratio = \(least)"
    }
}
