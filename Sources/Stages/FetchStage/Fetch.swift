internal import BatchFormat
internal import Downloads
public import Fault
internal import JSON
internal import ObjectNotices
internal import ObjectSources
public import PipelineConfig
public import StageRun
internal import Transfer

/// The stage `fetch`: downloads a batch's recordings and their metadata.
///
/// Its input is the listing: every run lists the source and reads the metadata again, keeps what earlier versions have,
/// transfers only what is new or changed, and appends new keys as new parts. If a source or the metadata's database is
/// unavailable, a run ends with 69; if access is denied, with 77; if it does not exist, with 66.
public struct Fetch: Stage {
    /// The tool.
    public static let tool = StageTool.fetch
    /// Raise it whenever the same listing and configuration give different bytes.
    public static let revision = 1
    /// Listing a source that another run is fetching would be wasted.
    public static let plansUnderLock = true

    /// The stage's configuration.
    public let config: StageConfig
    private let environment: [String: String]
    private let watch: Watch?

    /// Makes the stage from a configuration.
    ///
    /// - Parameters:
    ///   - environment: the process's environment, for the AWS credential chain.
    ///   - watch: keeps looking for new objects, and makes parts of them as they arrive.
    public init(_ config: StageConfig, environment: [String: String], watch: Watch? = nil) {
        self.config = config
        self.environment = environment
        self.watch = watch
    }

    /// A watch that is asked to stop cuts its last part, and seals the version.
    public var sealsWhenStopped: Bool { watch != nil }

    /// Refuses an input version, which fetch does not have, and a selection of parts.
    public func check(_ request: StageRequest) throws(Fault) {
        guard request.input == nil else {
            throw Fault(.usage, "fetch reads a source, not a version; leave out --input")
        }
        guard request.parts == .all else {
            throw Fault(
                .usage,
                "fetch finds duplicates across parts, so it fetches whole versions; use --parts and --shard with later stages"
            )
        }
    }

    /// Lists the source, and assigns every item to a part.
    public func plan(_ request: StageRequest, _ context: RunContext) throws(Fault) -> FetchWork {
        let engine = try TransferEngine()
        let keys: FetchConfig = try config.settings()
        let settings = SourceSettings(keys, environment: environment, events: context.events)
        let options = try FetchOptions(keys, batch: request.address.batch)
        let listing = SourceListing(
            source: try openSource(options.sources, settings: settings, engine: engine), options: options,
            metadata: MetadataQuery(
                keys.metadata, pipeline: request.address.pipeline, batch: request.address.batch, context: context),
            context: context)
        let transfers = FetchTransfers(
            listing: listing, engine: engine, download: DownloadOptions(keys, jobs: context.jobs))
        let identity = identity(BearingFacts(config.resultBearing), for: request)
        guard let watch, !request.dryRun else {
            return try FetchWork(once: transfers, config, identity, request)
        }
        var notices: NoticedObjects?
        if let url = keys.queue {
            // A message must not be delivered again while its part is being filled and made.
            let queue = try NoticeQueue(
                url, visibleAfter: 2 * keys.partWait + 900, settings: settings, engine: engine)
            notices = NoticedObjects(queue, context)
        }
        return try FetchWork(watching: transfers, watch, notices, config, identity, request)
    }
}
