internal import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import JSON
internal import Memory
public import PipelineConfig
internal import Processes
public import StageRun
internal import Time

/// The stage `store`: loads the predictions of one or more versions, and the rejections and figures of everything that
/// they were made from, into SQLite or PostgreSQL.
///
/// What is in the database is decided by the receipts in the database; running it twice changes nothing.
public struct StoreStage {
    /// Behaviour revision 1.
    public static let definition = StageDefinition(tool: "store", revision: 1)

    let pipeline: PipelineConfig
    let config: StageConfig
    let request: StageRequest
    let context: RunContext
    let url: String
    let startedAt = WallClock.now()
    let started = MonotonicClock.now()

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - pipeline: The pipeline whose batches are loaded.
    ///   - config: Its stage that loads.
    ///   - databaseURL: What `NOCTURNE_DATABASE_URL` says, in place of the configuration's `url`.
    public init(
        pipeline: PipelineConfig, config: StageConfig, request: StageRequest, context: RunContext,
        databaseURL: String? = nil
    ) {
        self.pipeline = pipeline
        self.config = config
        self.request = request
        self.context = context
        url = databaseURL ?? config.string("url").replacing("{batch}", with: request.batch)
    }

    // MARK: - Loading

    /// Loads the accepted versions of the stage's inputs, unless they are in the database already.
    @discardableResult
    public func run() throws(Fault) -> StageOutcome {
        guard request.parts == .all else {
            throw Fault(.usage, "store loads whole versions: leave --parts and --shard to the stages before it")
        }
        let lineage = try Lineage(of: results())
        let folder = try folder(of: config.stage)
        if request.dryRun { return try dryRun(lineage, folder) }
        let lock = try folder.lock()
        let outcome = try run(lineage, folder)
        lock.release()
        return outcome
    }

    private func run(_ lineage: Lineage, _ folder: StageFolder) throws(Fault) -> StageOutcome {
        let database = try open()
        try database.migrate()
        let plan = plan(lineage, database.recordedAddress)
        let receipts = try database.receipts(batch)
        let missing = missing(lineage, plan, receipts)
        if request.why { for line in missing.isEmpty ? ["nothing changed"] : missing { say("why", line) } }
        let isLoaded = missing.isEmpty && !request.force
        if isLoaded, let transaction = transaction(in: receipts),
            let version = try StoreVersion.sealed(
                in: folder, fingerprint: plan.fingerprint, transaction: transaction)
        {
            return try settle(folder, version.path, version.seal)
        }
        let version = try StoreVersion.begin(in: folder, plan, run: runObject())
        try context.events.open(inVersion: version.path)
        // Loaded but not vouched for on disk: the run that loaded it died on the way to its seal.
        let loaded = isLoaded ? receipts : try load(lineage, plan, version, into: database)
        let receipt = DiskReceipt(
            database: database.recordedAddress, receipts: of(lineage, in: loaded), own: config.stage)
        var run = runObject()
        run["finished_at"] = .string(WallClock.text(WallClock.now()))
        run["seconds"] = .double((MonotonicClock.now() - started).rounded(decimals: 6))
        run["peak_memory_bytes"] = .int(Int64(PeakMemory.bytes()))
        run["memory_limit_bytes"] = MemoryLimit.bytes(for: plan.effectiveConfig).map { .int(Int64($0)) }
        if let own = loaded.first(where: { $0.loaded.stage == config.stage }) {
            run["transaction"] = .int(Int64(own.transaction))
            run["loaded_at"] = .string(own.loadedAt.text)
        }
        let seal = try version.seal(plan, receipt, run: run)
        return try settle(folder, version.path, seal)
    }

    private func load(
        _ lineage: Lineage, _ plan: StorePlan, _ version: StoreVersion, into database: any ResultDatabase
    ) throws(Fault) -> [LoadReceipt] {
        context.expect(lineage.results.reduce(0) { $0 + $1.seal.items })
        let own = StageVersion(stage: config.stage, version: version.name, digest: plan.fingerprint.hex)
        let source = RowSource(
            lineage, own: (config.stage, version.name), groupBy: config.strings("group_by"), context: context)
        let receipts = try database.load(batch, stages: lineage.stages + [own]) { (sink) throws(Fault) in
            try source.fill(sink)
        } figures: { (counts) throws(Fault) in
            try checkGates(counts)
            let runs = try lineage.versions.map { (version) throws(Fault) in
                let loaded = RunFigures.row(version, status: .sealed, bytesIn: lineage.bytesIn(version))
                let newest = try RunFigures.row(newestOf: folder(of: loaded.stage), loaded: loaded)
                // What was loaded from elsewhere has no stage here.
                return newest.version.isEmpty ? loaded : newest
            }
            return LoadFigures(
                runs: runs + [ownRun(lineage, plan, version, counts)], labels: source.counts.flatMap(\.labelRows),
                quality: source.counts.flatMap(\.qualityRows), pipeline: PipelineRow(pipeline))
        }
        let rows = receipts.filter { $0.loaded.stage != config.stage }.reduce(0) { $0 + $1.predictions }
        context.events.record(
            "loaded", "\(rows) predictions loaded into \(database.recordedAddress)",
            [
                "database": .string(database.recordedAddress), "predictions": .int(Int64(rows)),
                "transaction": .int(Int64(transaction(in: receipts) ?? 0)),
                "seconds": .double((MonotonicClock.now() - started).rounded(decimals: 6)),
            ])
        return receipts
    }

    /// Gates are looked at before the rows are swapped in: a load that is held back leaves what was there.
    private func checkGates(_ counts: StagedCounts) throws(Fault) {
        let stored = counts.predictions.values.reduce(0, +)
        let refused = counts.rejections[config.stage] ?? 0
        let (least, most) = (config.int("min_items"), config.double("max_reject_ratio"))
        let kept = "nothing was loaded, the database keeps what it had"
        if stored < least {
            throw Fault(.heldBack, "\(stored) items to store, fewer than \(config.stage).min_items = \(least); \(kept)")
        }
        if refused > 0, Double(refused) > most * Double(stored + refused) {
            throw Fault(
                .heldBack,
                "\(refused) of \(stored + refused) items cannot be stored, more than "
                    + "\(config.stage).max_reject_ratio = \(most); \(kept)")
        }
    }

    private func ownRun(
        _ lineage: Lineage, _ plan: StorePlan, _ version: StoreVersion, _ counts: StagedCounts
    ) -> RunRow {
        var row = RunRow(stage: config.stage, version: version.name, status: .sealed)
        row.fingerprint = plan.fingerprint.hex
        row.items = counts.predictions.values.reduce(0, +)
        row.rejected = counts.rejections[config.stage] ?? 0
        row.seconds = (MonotonicClock.now() - started).rounded(decimals: 6)
        row.peakMemoryBytes = PeakMemory.bytes()
        row.bytesIn = lineage.results.reduce(0) { $0 + $1.seal.bytes }
        row.startedAt = Timestamp(WallClock.text(startedAt))
        row.finishedAt = Timestamp(WallClock.text(WallClock.now()))
        row.summary = [
            "tool": "store", "inputs": RunFigures.inputs(lineage.results.map(\.reference)),
            "tool_version": .string(request.toolVersion), "host": .string(Machine.name()),
        ]
        row.summary["memory_limit_bytes"] = MemoryLimit.bytes(for: plan.effectiveConfig).map { .int(Int64($0)) }
        return row
    }

    /// Lets `current` follow, as for every stage: not for a trial, and not where a person has pinned it.
    private func settle(_ folder: StageFolder, _ path: String, _ seal: VersionSeal) throws(Fault) -> StageOutcome {
        func outcome(_ status: StageOutcome.Status) -> StageOutcome {
            StageOutcome(path: path, seal: seal, status: status, made: 0, linked: 0)
        }
        guard request.input == nil, let number = StageFolder.number(Folders.name(of: path)) else {
            return outcome(.apart)
        }
        if let pinned = folder.pinned(), pinned != number {
            return outcome(.pinned(to: pinned))
        }
        if folder.current() != number { try folder.setCurrent(number) }
        return outcome(.current)
    }
}
