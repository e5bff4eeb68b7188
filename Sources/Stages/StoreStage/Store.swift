internal import BatchFormat
internal import Durable
public import Fault
internal import JSON
public import PipelineConfig
public import StageRun

/// The stage `store`: loads the predictions of one or more versions, and the rejections and figures of everything they
/// were made from, into SQLite or PostgreSQL.
///
/// The receipts in the database decide what is loaded, so running it twice changes nothing. A version of the stage is
/// one file, ``DiskReceipt``.
public struct Store: Stage {
    /// The tool.
    public static let tool = StageTool.store
    /// Raise it whenever the same versions and configuration give different rows.
    public static let revision = 1

    /// The stage's configuration.
    public let config: StageConfig
    let pipeline: PipelineConfig
    private let databaseURL: String?

    /// Makes the stage from a configuration.
    ///
    /// - Parameters:
    ///   - pipeline: the pipeline whose batches are loaded.
    ///   - databaseURL: the value of `NOCTURNE_DATABASE_URL`, which replaces the configuration's `url`.
    public init(_ config: StageConfig, in pipeline: PipelineConfig, databaseURL: String? = nil) {
        self.config = config
        self.pipeline = pipeline
        self.databaseURL = databaseURL
    }

    /// Refuses a selection of parts.
    public func check(_ request: StageRequest) throws(Fault) {
        guard request.parts == .all else {
            throw Fault(.usage, "store loads whole versions; use --parts and --shard with earlier stages")
        }
    }

    /// Finds the versions to load, and everything they were made from. Does not query the database yet.
    public func plan(_ request: StageRequest, _ context: RunContext) throws(Fault) -> StoreWork {
        let lineage = try LoadLineage(of: results(request, context))
        let keys: StoreConfig = try config.settings()
        let address = try DatabaseAddress.recorded(url(for: request))
        var (bearing, effective) = (config.resultBearing, config.effective)
        // Record the address that was used, wherever it came from.
        bearing[keys.$url.name] = .string(address)
        effective[keys.$url.name] = .string(address)
        let load = PlannedPart(
            name: DiskReceipt.fileName, input: lineage.digest,
            items: lineage.results.reduce(0) { $0 + $1.seal.items }, form: .file)
        let plan = VersionPlan(
            identity: identity(BearingFacts(bearing), for: request), effectiveConfig: effective,
            inputs: lineage.results.map(\.reference), parts: [load],
            // Checked before the rows are replaced: a load that is held back has no version.
            gates: .open)
        return StoreWork(self, plan, lineage, request, context)
    }

    /// The database's address, with the batch inserted.
    func url(for request: StageRequest) throws(Fault) -> String {
        let keys: StoreConfig = try config.settings()
        return databaseURL ?? keys.url.replacing("{batch}", with: request.address.batch)
    }

    func open(_ request: StageRequest, _ context: RunContext) throws(Fault) -> any ResultDatabase {
        let keys: StoreConfig = try config.settings()
        return try DatabaseAddress.open(
            url(for: request), application: "nocturne store \(request.address.pipeline)", retryFor: keys.retryFor
        ) { () throws(Fault) in try context.checkStop() }
    }

    /// The versions whose predictions are to be loaded.
    private func results(_ request: StageRequest, _ context: RunContext) throws(Fault) -> [VersionReader] {
        if request.input != nil {
            let version = try Upstream.resolve("", request: request)
            let identity = version.seal.identity
            try Upstream.check(StageInput(version), isFor: Self.tool)
            // The rows would appear to belong to another batch.
            guard identity.pipeline == request.address.pipeline, identity.batch == request.address.batch else {
                throw Fault(
                    .usage,
                    "'\(version.path)' is of \(identity.pipeline) \(identity.batch): say store \(identity.pipeline) "
                        + "\(identity.batch) --input …")
            }
            return [version]
        }
        var versions: [VersionReader] = []
        for stage in config.inputs {
            versions.append(
                try request.streaming.follow
                    ? Upstream.resolveFollowed(stage, request: request, context: context)
                    : Upstream.resolve(stage, request: request))
        }
        return versions
    }
}

extension StageRequest {
    /// The batch, as named in the tables.
    var batchName: BatchName { BatchName(pipeline: address.pipeline, batch: address.batch) }
}
