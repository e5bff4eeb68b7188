internal import BatchFormat
public import Fault
internal import JSON
internal import ObjectStore
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
    /// - Throws: 69 if the source, or the database with the metadata, is unavailable; 77 if it denies access; 66 if it
    ///   does not exist; and what every stage throws.
    public func run() throws(Fault) -> StageOutcome {
        guard request.input == nil else {
            throw Fault(.usage, "fetch reads a source, not a version: --input means nothing here")
        }
        guard request.parts == .all else {
            throw Fault(
                .usage,
                "fetch finds duplicates across parts, so it brings whole versions: leave --parts and --shard to the stages after it"
            )
        }
        let options = try FetchOptions(config, batch: request.batch)
        let folder = try StageFolder(
            root: request.root, pipeline: request.pipeline, batch: request.batch, stage: config.stage)
        if request.dryRun { return try dryRun(options, folder) }
        let run = try VersionRun(folder: folder, request: request, context: context)
        let engine = try TransferEngine()
        let source = try openSource(options.sources, settings: settings(), engine: engine)
        let (plan, layout) = try plan(source, options, folder)
        if request.why { try explain(plan, layout, folder) }
        let downloader = Downloader(engine: engine, options: downloadOptions())
        var fetcher: PartFetcher?
        return try run.execute(plan) { (index, version) throws(Fault) in
            // What earlier versions hold is looked up only if there is something to make.
            let ready: PartFetcher
            if let fetcher {
                ready = fetcher
            } else {
                ready = PartFetcher(
                    plan, layout.slices,
                    known: request.force ? KnownObjects() : try KnownObjects(folder, planned: plan.keys),
                    stream: try downloader.stream(from: source), options: options, context: context)
                fetcher = ready
            }
            return try ready.make(index, in: version)
        }
    }

    private func dryRun(_ options: FetchOptions, _ folder: StageFolder) throws(Fault) -> StageOutcome {
        let engine = try TransferEngine()
        let source = try openSource(options.sources, settings: settings(), engine: engine)
        let (plan, layout) = try plan(source, options, folder)
        try explain(plan, layout, folder)
        return try Explanation.dryRun(of: plan, in: folder)
    }

    private func explain(_ plan: VersionPlan, _ layout: PartLayout, _ folder: StageFolder) throws(Fault) {
        for line in try Explanation.lines(of: plan, in: folder) + (layout.changes?.lines ?? []) {
            context.events.record("why", line)
        }
    }

    private func plan(
        _ source: any ObjectSource, _ options: FetchOptions, _ folder: StageFolder
    ) throws(Fault) -> (VersionPlan, PartLayout) {
        let metadata = try MetadataQuery(config, pipeline: request.pipeline, batch: request.batch, context: context)
            .read()
        let listing = try list(source, options, metadata)
        let layout = try layOut(listing, options, folder)
        let plan = VersionPlan(
            identity: VersionIdentity(
                pipeline: request.pipeline, batch: request.batch, stage: config.stage, tool: "fetch",
                revision: Self.revision, config: config.resultBearing),
            effectiveConfig: config.effective, inputs: [], parts: layout.parts, gates: Gates(config))
        return (plan, layout)
    }

    /// Lays the listing out on the newest version that can be read. One that is damaged is not built on: the items come to
    /// stand in other parts then, but no object is transferred again for that.
    private func layOut(
        _ listing: [ListedItem], _ options: FetchOptions, _ folder: StageFolder
    ) throws(Fault) -> PartLayout {
        for number in try folder.versions().reversed() {
            guard let base = try folder.readable(number) else { continue }
            do throws(Fault) {
                return try PartLayout(
                    listing, base: base, partItems: options.partItems, partBytes: options.partBytes)
            } catch {
                guard error.kind == .damaged else { throw error }
                context.events.record(
                    "version_damaged", level: .warning, "v\(number) is not built on: \(error)",
                    ["version": .string("v\(number)")])
            }
        }
        return try PartLayout(listing, base: nil, partItems: options.partItems, partBytes: options.partBytes)
    }

    private func list(
        _ source: any ObjectSource, _ options: FetchOptions, _ metadata: MetadataTable
    ) throws(Fault) -> [ListedItem] {
        var items: [ListedItem] = []
        var seen: Set<ItemID> = []
        try source.list(checkStop: { () throws(Fault) in try context.checkStop() }) { page in
            for entry in page where options.takes(entry.key) {
                let id = ItemID(entry.key)
                guard seen.insert(id).inserted else {
                    context.events.record(
                        "listed_twice", level: .warning, "'\(id)' is listed twice; the first one counts",
                        ["id": .string(id.text)])
                    continue
                }
                var fields = entry.fields
                for (name, value) in metadata[id]?.members ?? [] { fields[name] = value }
                items.append(ListedItem(id: id, entry: entry, fields: fields))
            }
        }
        context.events.record(
            "listed", "\(items.count) items listed at \(source.origin)",
            ["items": .int(Int64(items.count)), "source": .string(source.origin)])
        return items
    }

    private func settings() -> SourceSettings {
        var settings = SourceSettings(environment: environment)
        settings.endpoint = config.optionalString("endpoint")
        settings.region = config.optionalString("region")
        switch config.string("addressing") {
        case "path": settings.addressing = .path
        case "virtual": settings.addressing = .virtualHost
        default: settings.addressing = nil
        }
        settings.anonymous = config.bool("anonymous")
        settings.etagIsMD5 = config.bool("etag_is_md5")
        settings.retry = retry
        let events = context.events
        settings.note = { events.record("mirror_passed_over", level: .warning, $0) }
        settings.timeouts.connect = config.seconds("connect_timeout")
        settings.timeouts.stallSeconds = max(1, Int(config.seconds("stall_timeout").rounded(.up)))
        return settings
    }

    private var retry: RetryPolicy {
        var retry = RetryPolicy()
        retry.attempts = config.int("attempts")
        retry.deadline = config.seconds("retry_for")
        return retry
    }

    private func downloadOptions() -> DownloadOptions {
        var options = DownloadOptions()
        options.inFlight = config.int("transfers")
        options.rangeBytes = Int64(config.bytes("range_bytes"))
        options.rangedFrom = options.rangeBytes * 4
        options.retry = retry
        options.hashers = max(1, min(4, context.jobs))
        return options
    }
}
