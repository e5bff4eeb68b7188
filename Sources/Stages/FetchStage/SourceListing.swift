internal import BatchFormat
internal import Fault
internal import JSON
internal import ObjectSources
internal import StageRun

/// The source's listing, as items.
struct SourceListing {
    let source: any ObjectSource
    let options: FetchOptions
    let metadata: MetadataQuery
    let context: RunContext

    /// Lists everything that matches the include and exclude patterns, each id once, in order.
    func entries() throws(Fault) -> [ObjectEntry] {
        var entries: [ObjectEntry] = []
        var seen: Set<ItemID> = []
        try source.list(checkStop: { () throws(Fault) in try context.checkStop() }) { page in
            for entry in page where options.takes(entry.key) {
                guard seen.insert(ItemID(entry.key)).inserted else {
                    context.events.record(ListedTwice(entry.key))
                    continue
                }
                entries.append(entry)
            }
        }
        return entries
    }

    /// Lists everything, with the metadata of all of it.
    func items() throws(Fault) -> [ListedItem] {
        let metadata = try metadata.read()
        let entries = try entries()
        context.events.record(ObjectsListed(entries.count, at: source.origin, isNews: false))
        return Self.items(entries, metadata)
    }

    /// Joins metadata, read again, to newly announced entries.
    func items(_ entries: [ObjectEntry]) throws(Fault) -> [ListedItem] {
        entries.isEmpty ? [] : Self.items(entries, try metadata.read())
    }

    private static func items(_ entries: [ObjectEntry], _ metadata: MetadataTable) -> [ListedItem] {
        entries.map { entry in
            let id = ItemID(entry.key)
            var fields = entry.fields
            for (name, value) in metadata[id]?.members ?? [] { fields[name] = value }
            return ListedItem(id: id, entry: entry, fields: fields)
        }
    }
}
