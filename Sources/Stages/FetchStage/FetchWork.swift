public import BatchFormat
internal import Downloads
public import Fault
internal import JSON
internal import ObjectNotices
internal import ObjectSources
internal import PipelineConfig
public import StageRun
internal import Transfer

/// Where objects come from, and how.
struct FetchTransfers {
    let listing: SourceListing
    let engine: TransferEngine
    let download: DownloadOptions
}

/// The parts of a listing, or of a source that is being watched.
public struct FetchWork: StageWork {
    /// What is to be made.
    public let plan: VersionPlan
    private let layout: any PartLayoutSource
    private let watched: WatchedSource?
    private let notices: NoticedObjects?
    private let transfers: FetchTransfers
    private let folder: StageFolder
    private let request: StageRequest
    private let maxVanishedRatio: Double

    /// Lists once.
    init(
        once transfers: FetchTransfers, _ config: StageConfig, _ identity: VersionIdentity, _ request: StageRequest
    ) throws(Fault) {
        let (items, options) = (try transfers.listing.items(), transfers.listing.options)
        transfers.listing.reportMetadata()
        let folder = try Self.folder(config, request)
        let layout = try Self.earlierVersions(folder, request, transfers).layOut { (base, begun) throws(Fault) in
            try PartLayout(
                items, base: base, begun: begun, partItems: options.keys.partItems, partBytes: options.keys.partBytes)
        }
        plan = VersionPlan(
            identity: identity, effectiveConfig: config.effective, inputs: [], parts: layout.parts, gates: Gates(config)
        )
        (self.layout, self.transfers, self.folder, self.request) = (layout, transfers, folder, request)
        (watched, notices) = (nil, nil)
        maxVanishedRatio = options.keys.maxVanishedRatio
    }

    /// Keeps looking for new objects.
    init(
        watching transfers: FetchTransfers, _ watch: Watch, _ notices: NoticedObjects?, _ config: StageConfig,
        _ identity: VersionIdentity, _ request: StageRequest
    ) throws(Fault) {
        let (items, keys) = (try transfers.listing.items(), transfers.listing.options.keys)
        let folder = try Self.folder(config, request)
        let layout = try Self.earlierVersions(folder, request, transfers).layOut { (base, begun) throws(Fault) in
            try PartLayout(items, base: base, begun: begun)
        }
        let watched = WatchedSource(
            layout, transfers.listing, watch,
            cutter: PartCutter(items: keys.partItems, bytes: keys.partBytes, wait: keys.partWait),
            interval: keys.watchInterval, notices: notices)
        plan = VersionPlan(growing: identity, effectiveConfig: config.effective, gates: Gates(config))
        (self.layout, self.transfers, self.folder, self.request) = (watched, transfers, folder, request)
        (self.watched, self.notices) = (watched, notices)
        maxVanishedRatio = keys.maxVanishedRatio
    }

    /// The source, if it is being watched.
    public var growth: (any PlanGrowing)? { watched }

    /// What changed since the newest version, in the configuration and at the source.
    public func reasons(in folder: StageFolder) throws(Fault) -> [String] {
        let lines = try Explanation.lines(of: plan, in: folder)
        // The listing's changes are those since the newest version, which need not be the one that the run takes.
        return try Explanation.taken(by: plan, in: folder) == nil ? lines + (layout.layout.changes?.lines ?? []) : lines
    }

    /// Reads what earlier versions have.
    public func prepare() throws(Fault) -> FetchPartMaker {
        let planned = layout.layout.parts.map { plan.identity.key(input: $0.input) }
        return FetchPartMaker(
            plan.identity, layout: layout,
            known: request.force ? KnownObjects() : try KnownObjects(folder, planned: planned),
            stream: try Downloader(engine: transfers.engine, options: transfers.download).stream(
                from: transfers.listing.source),
            options: transfers.listing.options, notices: notices, context: transfers.listing.context)
    }

    /// Whether too few items have metadata, or the source has lost more of the accepted version's items than it may.
    public func gateFailure(replacing current: VersionReader?) throws(Fault) -> String? {
        if let reason = transfers.listing.metadataFailure { return reason }
        guard let current else { return nil }
        do throws(Fault) {
            return try VanishedItems(of: current, from: layout.layout).reason(ifMoreThan: maxVanishedRatio)
        } catch {
            // What is damaged cannot be compared with; verify reports it.
            guard error.kind == .damaged || error.kind == .missing else { throw error }
            transfers.listing.context.events.record(
                VersionDamaged(current.name, "the items of \(current.name) are not compared: \(error)"))
            return nil
        }
    }

    /// How metadata met the items.
    public var counts: OwnCounts { transfers.listing.counts }

    /// Deletes the messages whose objects are sealed.
    public func finish(_ outcome: StageOutcome) throws(Fault) {
        if watched != nil { transfers.listing.reportMetadata() }
        notices?.version = outcome.path
        try notices?.release(made: layout.layout.parts.count, of: layout.layout)
    }

    private static func folder(_ config: StageConfig, _ request: StageRequest) throws(Fault) -> StageFolder {
        try request.address.stage(config.stage)
    }

    private static func earlierVersions(
        _ folder: StageFolder, _ request: StageRequest, _ transfers: FetchTransfers
    ) -> EarlierVersions {
        EarlierVersions(folder: folder, goesOn: !request.force, events: transfers.listing.context.events)
    }
}
