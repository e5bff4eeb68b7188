package import BatchFormat
internal import Digests
package import Fault
internal import JSON
internal import ObjectStore
package import StageRun

/// Which item stands in which part: what earlier versions decided stays, what is new is appended.
package struct PartLayout {
    /// The items of each part, in the listing's order.
    package let slices: [[ListedItem]]
    /// The parts as the run is to make them, with the digest of each slice.
    package let parts: [PlannedPart]
    /// What is new since the version that it was laid out on; `nil` if there was none.
    package let changes: ListingChanges?

    /// Lays out a listing.
    ///
    /// - Parameters:
    ///   - listing: every item, in order, each id once.
    ///   - base: the newest sealed version, if there is one.
    ///   - partItems: a new part is cut at this many items,
    ///   - partBytes: or at this many bytes, as far as the listing knows sizes.
    package init(_ listing: [ListedItem], base: VersionReader?, partItems: Int, partBytes: Int) throws(Fault) {
        var slices: [[ListedItem]] = []
        var inputs: [Digest] = []
        var placed: Set<ItemID> = []
        var changes: ListingChanges?
        if let base {
            let old = try BaseLayout(base)
            changes = ListingChanges(listing, since: old.parts.flatMap(\.records))
            var positions: [ItemID: Int] = [:]
            for (position, item) in listing.enumerated() { positions[item.id] = position }
            let surviving = old.parts.map { part in
                part.records.compactMap { $0["id"]?.string.flatMap { positions[ItemID($0)] } }.sorted()
                    .map { listing[$0] }
            }
            let changed = Self.changedItems(old, surviving)
            for (part, slice) in zip(old.parts, surviving) {
                placed.formUnion(slice.map(\.id))
                slices.append(slice)
                inputs.append(Self.input(of: slice, from: part, changed: changed))
            }
        }
        for slice in Self.cut(listing.filter { !placed.contains($0.id) }, items: partItems, bytes: partBytes) {
            slices.append(slice)
            inputs.append(Self.digest(of: slice))
        }
        self.slices = slices
        self.changes = changes
        parts = zip(slices, inputs).enumerated().map { index, part in
            PlannedPart(name: VersionFolder.partName(index), input: part.1, items: part.0.count)
        }
    }

    /// The digest of a slice: SHA-256 over the canonical JSON of its records.
    private static func digest(of slice: [ListedItem]) -> Digest {
        Digest(of: JSON.array(slice.map { .object($0.record) }).bytes(.canonical))
    }

    /// Items of the old version that are gone, or whose bytes are no longer what they were. Fields that changed free no
    /// duplicate.
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
        // What vanished when it was to be brought, and is listed again as it was, is asked for again.
        let vanished = zip(old.records, slice).filter { $0["version"] == nil && $1.record["version"] != nil }.map(\.1)
        guard
            old.records.elementsEqual(
                slice, by: { $0 == $1.record || ($0["version"] == nil && $0 == $1.recordIfVanished) })
        else { return plain }
        if !vanished.isEmpty { return anew(for: vanished.map(\.id)) }
        // The slice is as it was; but what was rejected as a duplicate may no longer be one.
        let freed = old.originals.filter(changed.contains).sorted()
        return freed.isEmpty ? old.input : anew(for: freed)
    }

    private static func cut(_ listing: [ListedItem], items: Int, bytes: Int) -> [[ListedItem]] {
        var slices: [[ListedItem]] = []
        var (slice, size): ([ListedItem], Int) = ([], 0)
        for item in listing {
            let more = Int(clamping: item.entry.size ?? 0)
            if !slice.isEmpty, slice.count == items || size + more > bytes {
                slices.append(slice)
                (slice, size) = ([], 0)
            }
            slice.append(item)
            size += more
        }
        if !slice.isEmpty { slices.append(slice) }
        return slices
    }
}

/// What the newest sealed version says about which item stands where.
private struct BaseLayout {
    struct Part {
        let records: [JSONObject]
        let input: Digest
        /// The items whose bytes this part's duplicates repeat.
        let originals: Set<ItemID>
    }

    let parts: [Part]

    init(_ version: VersionReader) throws(Fault) {
        var parts: [Part] = []
        for index in version.seal.parts.indices {
            let part = try version.part(index)
            let originals = try part.rejects().compactMap { $0.duplicateOf.map(ItemID.init) }
            parts.append(
                Part(records: try ListingRecord.read(part), input: part.seal.input, originals: Set(originals)))
        }
        self.parts = parts
    }
}
