internal import BatchFormat
internal import Fault
internal import JSON
internal import ObjectSources
internal import PipelineConfig
internal import StageRun

/// The source's listing, as items.
struct SourceListing {
    let source: any ObjectSource
    let options: FetchOptions
    let metadata: MetadataQuery
    let context: RunContext
    /// Joins metadata to what is listed; keeps count over several listings.
    let join: MetadataJoin

    init(source: any ObjectSource, options: FetchOptions, metadata: MetadataQuery, context: RunContext) {
        (self.source, self.options, self.metadata, self.context) = (source, options, metadata, context)
        join = MetadataJoin(addresses: source.addresses)
    }

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
        return join.join(entries, metadata)
    }

    /// Joins metadata, read again, to newly announced entries.
    func items(_ entries: [ObjectEntry]) throws(Fault) -> [ListedItem] {
        entries.isEmpty ? [] : join.join(entries, try metadata.read())
    }

    /// Records how metadata met the items, if the pipeline has any.
    func reportMetadata() { if metadata.config != nil { join.report(to: context.events) } }

    /// How metadata met the items, for the seal.
    var counts: OwnCounts {
        var counts = OwnCounts()
        if metadata.config != nil { counts.metadata = join.counts }
        return counts
    }

    /// Why too few items have metadata; `nil` if enough have.
    var metadataFailure: String? { metadata.config.flatMap { join.failure(least: $0.minJoinedRatio) } }
}
