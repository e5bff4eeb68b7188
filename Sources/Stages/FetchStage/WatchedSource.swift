internal import BatchFormat
internal import Fault
internal import JSON
internal import ObjectSources
internal import StageRun
internal import Transfer

/// A source that is being watched: the plan grows by a part whenever one is full, or has waited long enough.
///
/// An object is fetched only once, whatever happens to it at the source; the next run handles changes.
final class WatchedSource: PlanGrowing, PartLayoutSource {
    /// The parts so far.
    private(set) var layout: PartLayout
    private let listing: SourceListing
    private let watch: Watch
    private let interval: Double
    private let notices: NoticedObjects?
    private var cutter: PartCutter
    private var taken: Set<ItemID> = []
    private var listAt: Double
    /// How many parts have been passed to the run.
    private var told = 0
    private var isOver = false

    /// - Parameters:
    ///   - layout: the parts of the first listing's items; items without a part wait for one.
    ///   - interval: seconds from one listing to the next.
    ///   - notices: where new objects are announced; only the first and the last check is then a listing.
    init(
        _ layout: PartLayout, _ listing: SourceListing, _ watch: Watch, cutter: PartCutter, interval: Double,
        notices: NoticedObjects?
    ) {
        self.layout = layout
        self.listing = listing
        self.watch = watch
        self.interval = interval
        self.notices = notices
        self.cutter = cutter
        listAt = watch.time.monotonic() + interval
        for item in layout.slices.joined() { taken.insert(item.id) }
        wait(for: layout.rest)
    }

    func step(done: Int) throws(Fault) -> PlanStep {
        if let part = nextPart() { return .part(part) }
        if isOver { return .complete(inputs: []) }
        let isEnd = watch.isOver
        try notices?.release(made: done, of: layout)
        try take(isEnd ? try listing.entries() : news())
        isOver = isEnd
        while let part = cutter.due(at: watch.time.monotonic()) { append(part) }
        if isOver, let part = cutter.rest() { append(part) }
        if let part = nextPart() { return .part(part) }
        return isOver ? .complete(inputs: []) : .notYet
    }

    private func nextPart() -> PlannedPart? {
        guard told < layout.parts.count else { return nil }
        told += 1
        return layout.parts[told - 1]
    }

    /// Possibly new objects.
    private func news() throws(Fault) -> [ObjectEntry] {
        if let notices { return try notices.news(from: listing) }
        let now = watch.time.monotonic()
        guard now >= listAt else { return [] }
        listAt = now + interval
        return try listing.entries()
    }

    private func take(_ entries: [ObjectEntry]) throws(Fault) {
        var heard: Set<ItemID> = []
        let fresh = entries.filter { !taken.contains(ItemID($0.key)) && heard.insert(ItemID($0.key)).inserted }
        guard !fresh.isEmpty else { return }
        let origin = listing.source.origin
        listing.context.events.record(ObjectsListed(fresh.count, at: origin, isNews: true))
        wait(for: try listing.items(fresh))
    }

    private func wait(for items: [ListedItem]) {
        let now = watch.time.monotonic()
        for item in items {
            taken.insert(item.id)
            if let part = cutter.add(item, at: now) { append(part) }
        }
    }

    /// Within a part, items are sorted by key, in whatever order they arrived.
    private func append(_ part: [ListedItem]) { layout.append(part.sorted { $0.id < $1.id }) }
}
