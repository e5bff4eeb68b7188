package import BatchFormat
internal import Digests
package import Fault
internal import JSON
internal import ObjectSources
package import StageRun

/// Which item is in which part: earlier versions' decisions stay, new items are appended.
package struct PartLayout {
    /// The items of each part, in the listing's order.
    package private(set) var slices: [[ListedItem]] = []
    /// The parts to be made, with the digest of each slice.
    package private(set) var parts: [PlannedPart] = []
    /// Items not in a part yet, in the listing's order.
    package private(set) var rest: [ListedItem] = []
    /// How the listing differs from what was fetched before; `nil` if nothing was.
    package let changes: ListingChanges?

    /// Returns every known item to the part it was in.
    ///
    /// - Parameters:
    ///   - listing: every item, in order, each id once.
    ///   - base: the newest sealed version, if there is one.
    ///   - begun: the sealed parts of an unfinished version built on it, from where the base ends.
    package init(_ listing: [ListedItem], base: VersionReader?, begun: [PartReader] = []) throws(Fault) {
        var before: [PartReader] = []
        if let base {
            for index in base.seal.parts.indices { before.append(try base.part(index)) }
        }
        let old = try BaseLayout(before + begun)
        changes = old.parts.isEmpty ? nil : ListingChanges(listing, since: old.parts.flatMap(\.records))
        guard !old.parts.isEmpty else {
            rest = listing
            return
        }
        var items: [ItemID: ListedItem] = [:]
        for item in listing { items[item.id] = item }
        let surviving = old.parts.map { part in
            part.records.compactMap { $0["id"]?.string.flatMap { items[ItemID($0)] } }
        }
        let changed = Self.changedItems(old, surviving)
        for (part, slice) in zip(old.parts, surviving) {
            append(slice, input: Self.input(of: slice, from: part, changed: changed))
        }
        let placed = Set(slices.joined().map(\.id))
        rest = listing.filter { !placed.contains($0.id) }
    }

    /// Lays out a complete listing.
    ///
    /// - Parameters:
    ///   - partItems: a new part is cut at this many items,
    ///   - partBytes: or at this many bytes, as far as the listing states sizes.
    package init(
        _ listing: [ListedItem], base: VersionReader?, begun: [PartReader] = [], partItems: Int, partBytes: Int
    ) throws(Fault) {
        try self.init(listing, base: base, begun: begun)
        var cutter = PartCutter(items: partItems, bytes: partBytes)
        for item in rest {
            if let slice = cutter.add(item) { append(slice) }
        }
        if let slice = cutter.rest() { append(slice) }
        rest = []
    }

    /// Adds a part.
    package mutating func append(_ slice: [ListedItem]) { append(slice, input: Self.digest(of: slice)) }

    private mutating func append(_ slice: [ListedItem], input: Digest) {
        parts.append(PlannedPart(name: VersionFolder.partName(slices.count), input: input, items: slice.count))
        slices.append(slice)
    }

    /// The digest of a slice: SHA-256 over the canonical JSON of its records.
    private static func digest(of slice: [ListedItem]) -> Digest {
        Digest(of: JSON.array(slice.map { .object($0.record) }).bytes(.canonical))
    }

    /// Items of the old version that are gone, or whose bytes have changed. Changed fields do not affect duplicates.
    private static func changedItems(_ old: BaseLayout, _ surviving: [[ListedItem]]) -> Set<ItemID> {
        var versions: [ItemID: String] = [:]
        for item in surviving.joined() { versions[item.id] = item.entry.version }
        var changed: Set<ItemID> = []
        for record in old.parts.flatMap(\.records) {
            guard let id = record["id"]?.string.map(ItemID.init) else { continue }
            if versions[id] == nil || versions[id] != record["version"]?.string { changed.insert(id) }
        }
        return changed
    }

    private static func input(of slice: [ListedItem], from old: BaseLayout.Part, changed: Set<ItemID>) -> Digest {
        let plain = digest(of: slice)
        func anew(for items: [ItemID]) -> Digest {
            let salted: JSON = [.string(plain.hex), .string(old.input.hex), .array(items.map { .string($0.text) })]
            return Digest(of: salted.bytes(.canonical))
        }
        // An item that vanished or was withheld, and is listed unchanged again, is requested again.
        let vanished = zip(old.records, slice).filter { $0["version"] == nil && $1.record["version"] != nil }.map(\.1)
        guard
            old.records.elementsEqual(
                slice, by: { $0 == $1.record || ($0["version"] == nil && $0 == $1.recordIfUnavailable) })
        else { return plain }
        if !vanished.isEmpty { return anew(for: vanished.map(\.id)) }
        // The slice is unchanged, but an item rejected as a duplicate may no longer be one.
        let freed = old.originals.filter(changed.contains).sorted()
        return freed.isEmpty ? old.input : anew(for: freed)
    }
}

/// The layout in existing sealed parts.
private struct BaseLayout {
    struct Part {
        let records: [JSONObject]
        let input: Digest
        /// The items whose bytes this part's duplicates repeat.
        let originals: Set<ItemID>
    }

    let parts: [Part]

    init(_ readers: [PartReader]) throws(Fault) {
        var parts: [Part] = []
        for part in readers {
            let originals = try part.rejects().compactMap { $0.duplicateOf.map(ItemID.init) }
            parts.append(
                Part(records: try ListingRecord.read(part), input: part.seal.input, originals: Set(originals)))
        }
        self.parts = parts
    }
}
