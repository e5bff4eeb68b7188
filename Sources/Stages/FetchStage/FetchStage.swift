internal import BatchFormat
internal import Downloads
internal import Durable
public import Fault
internal import JSON
internal import ObjectNotices
internal import ObjectSources
public import PipelineConfig
internal import PostgresClient
public import StageRun
internal import Transfer

/// Brings a batch's recordings and their metadata.
///
/// Its input is the listing: every run lists (and asks for metadata) anew, keeps what earlier versions hold, transfers
/// only what is new or changed, and appends new keys as new parts.
public struct FetchStage {
    /// Raised whenever the same listing and configuration give other bytes.
    public static let revision = 1

    private let config: StageConfig
    private let request: StageRequest
    private let context: RunContext
    private let environment: [String: String]

    /// Prepares a run.
    ///
    /// - Parameter environment: the process's environment, for the AWS credential chain.
    public init(
        config: StageConfig, request: StageRequest, context: RunContext, environment: [String: String]
    ) {
        self.config = config
        self.request = request
        self.context = context
        self.environment = environment
    }

    /// Runs the stage.
    ///
    /// - Parameter watch: goes on looking for new objects, and makes parts of them as they come.
    /// - Throws: 69 if the source, or the database with the metadata, is unavailable; 77 if it denies access; 66 if it
    ///   does not exist; and what every stage throws.
    public func run(watch: Watch? = nil) throws(Fault) -> StageOutcome {
        guard request.input == nil else {
            throw Fault(.usage, "fetch reads a source, not a version: --input means nothing here")
        }
        guard request.parts == .all else {
            throw Fault(
                .usage,
                "fetch finds duplicates across parts, so it brings whole versions: leave --parts and --shard to the stages after it"
            )
        }
        let folder = try StageFolder(
            root: request.root, pipeline: request.pipeline, batch: request.batch, stage: config.stage)
        if request.dryRun { return try dryRun(folder) }
        guard let watch else { return try runOnce(folder) }
        // A watch that is asked to stop cuts its last part, and seals the version.
        let patient = FetchStage(
            config: config, request: request, context: context.withoutStops(), environment: environment)
        let outcome = try patient.run(watch, folder)
        if watch.isStopped() {
            do throws(Fault) { try context.checkStop() } catch {
                throw Fault(error.kind, "stopped by a signal, in order: '\(outcome.path)' is sealed")
            }
        }
        return outcome
    }

    private func runOnce(_ folder: StageFolder) throws(Fault) -> StageOutcome {
        let run = try VersionRun(folder: folder, request: request, context: context)
        let engine = try TransferEngine()
        let listing = try listing(engine)
        let layout = try layOut(listing, folder)
        let plan = plan(layout)
        if request.why { try explain(plan, layout, folder) }
        let maker = maker(listing, engine, folder) { layout }
        return try run.execute(plan) { (index, version) throws(Fault) in try maker().make(index, in: version) }
    }

    private func run(_ watch: Watch, _ folder: StageFolder) throws(Fault) -> StageOutcome {
        let run = try VersionRun(folder: folder, request: request, context: context)
        let engine = try TransferEngine()
        let listing = try listing(engine)
        let options = listing.options
        var notices: NoticedObjects?
        if let url = config.optionalString("queue") {
            // A message must not come again while its part is being filled and made.
            let queue = try NoticeQueue(
                url, visibleAfter: 2 * options.partWait + 900, settings: settings, engine: engine)
            notices = NoticedObjects(queue, context)
        }
        let items = try listing.items()
        let watched = WatchedSource(
            try earlierVersions(in: folder).layOut { (base, begun) throws(Fault) in
                try PartLayout(items, base: base, begun: begun)
            },
            listing, watch,
            cutter: PartCutter(items: options.partItems, bytes: options.partBytes, wait: options.partWait),
            interval: config.seconds("watch_interval"), notices: notices)
        let maker = maker(listing, engine, folder) { watched.layout }
        let plan = VersionPlan(growing: identity, effectiveConfig: config.effective, gates: Gates(config))
        let outcome = try run.execute(plan, growth: watched) { (index, version) throws(Fault) in
            notices?.version = version
            return try maker().make(index, in: version)
        }
        notices?.version = outcome.path
        try notices?.release(made: watched.layout.parts.count, of: watched.layout)
        return outcome
    }

    private func dryRun(_ folder: StageFolder) throws(Fault) -> StageOutcome {
        let layout = try layOut(try listing(try TransferEngine()), folder)
        let plan = plan(layout)
        try explain(plan, layout, folder)
        return try Explanation.dryRun(of: plan, in: folder)
    }

    private func explain(_ plan: VersionPlan, _ layout: PartLayout, _ folder: StageFolder) throws(Fault) {
        for line in try Explanation.lines(of: plan, in: folder) + (layout.changes?.lines ?? []) {
            context.events.record("why", line)
        }
    }

    private var identity: VersionIdentity {
        VersionIdentity(
            pipeline: request.pipeline, batch: request.batch, stage: config.stage, tool: "fetch",
            revision: Self.revision, config: config.resultBearing)
    }

    private func plan(_ layout: PartLayout) -> VersionPlan {
        VersionPlan(
            identity: identity, effectiveConfig: config.effective, inputs: [], parts: layout.parts, gates: Gates(config)
        )
    }

    private func listing(_ engine: TransferEngine) throws(Fault) -> SourceListing {
        let options = try FetchOptions(config, batch: request.batch)
        return SourceListing(
            source: try openSource(options.sources, settings: settings, engine: engine), options: options,
            metadata: MetadataQuery(config, pipeline: request.pipeline, batch: request.batch, context: context),
            context: context)
    }

    /// What makes parts. What earlier versions hold is looked up only if there is something to make.
    private func maker(
        _ listing: SourceListing, _ engine: TransferEngine, _ folder: StageFolder,
        layout: @escaping () -> PartLayout
    ) -> () throws(Fault) -> PartFetcher {
        var fetcher: PartFetcher?
        return { () throws(Fault) in
            if let fetcher { return fetcher }
            let planned = layout().parts.map { identity.key(input: $0.input) }
            let made = PartFetcher(
                identity, layout: layout,
                known: request.force ? KnownObjects() : try KnownObjects(folder, planned: planned),
                stream: try Downloader(engine: engine, options: DownloadOptions(config, jobs: context.jobs)).stream(
                    from: listing.source),
                options: listing.options, context: context)
            fetcher = made
            return made
        }
    }

    private var settings: SourceSettings { SourceSettings(config, environment: environment, events: context.events) }

    private func layOut(_ listing: SourceListing, _ folder: StageFolder) throws(Fault) -> PartLayout {
        let (items, options) = (try listing.items(), listing.options)
        return try earlierVersions(in: folder).layOut { (base, begun) throws(Fault) in
            try PartLayout(
                items, base: base, begun: begun, partItems: options.partItems, partBytes: options.partBytes)
        }
    }

    private func earlierVersions(in folder: StageFolder) -> EarlierVersions {
        EarlierVersions(folder: folder, goesOn: !request.force, events: context.events)
    }
}
