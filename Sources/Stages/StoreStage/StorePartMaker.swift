internal import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import JSON
internal import Memory
internal import PipelineConfig
internal import Processes
public import StageRun
internal import Time

/// Loads a batch into the database in one transaction, and writes its receipt.
public final class StorePartMaker: PartMaker {
    private let work: StoreWork
    private let database: any ResultDatabase
    private let loaded: [LoadReceipt]?
    private let startedAt = WallClock.now()
    private let started = MonotonicClock.now()

    /// - Parameter loaded: the receipts in the database, if the batch is already loaded.
    init(_ work: StoreWork, _ database: any ResultDatabase, loaded: [LoadReceipt]?) {
        self.work = work
        self.database = database
        self.loaded = loaded
    }

    private var stage: String { work.store.config.stage }
    private var lineage: LoadLineage { work.lineage }

    /// Makes the only part.
    public func make(_ index: Int, in version: String) throws(Fault) -> MadePart {
        let receipts: [LoadReceipt]
        if let loaded { receipts = loaded } else { receipts = try load(as: Folders.name(of: version)) }
        // Only this load's receipts: another store of the pipeline may have others in the same database.
        let stages = lineage.stages.map(\.stage) + [stage]
        let receipt = DiskReceipt(
            database: database.recordedAddress, receipts: receipts.filter { stages.contains($0.loaded.stage) },
            own: stage)
        let load = work.own(in: receipts).map { LoadTransaction($0.transaction, at: $0.loadedAt.text) }
        let bytes = receipt.sealed.bytes()
        try AtomicFile.write(bytes, to: "\(version)/\(DiskReceipt.fileName)")
        return .file(
            SealedFile(name: DiskReceipt.fileName, bytes: bytes.count, sha256: Digest(of: bytes)), load: load)
    }

    private func load(as version: String) throws(Fault) -> [LoadReceipt] {
        let (store, request, context) = (work.store, work.request, work.context)
        let own = StageVersion(stage: stage, version: version, digest: work.plan.fingerprint.hex)
        let keys: StoreConfig = try store.config.settings()
        let source = RowSource(lineage, own: (stage, version), groupBy: keys.groupBy, context: context)
        let receipts = try database.load(request.batchName, stages: lineage.stages + [own]) { (sink) throws(Fault) in
            try source.fill(sink)
        } figures: { (counts) throws(Fault) in
            try checkGates(counts)
            let runs = try lineage.versions.map { (version) throws(Fault) in
                let loaded = RunRows.row(version, status: .sealed, bytesIn: lineage.bytesIn(version))
                let newest = try RunRows.row(newestOf: request.address.stage(loaded.stage), loaded: loaded)
                // What was loaded from elsewhere has no stage here.
                return newest.version.isEmpty ? loaded : newest
            }
            return LoadFigures(
                runs: runs + [ownRun(version, counts)], labels: source.counts.flatMap(\.labelRows),
                quality: source.counts.flatMap(\.qualityRows), pipeline: PipelineRow(store.pipeline))
        }
        let rows = receipts.filter { $0.loaded.stage != stage }.reduce(0) { $0 + $1.predictions }
        context.events.record(
            BatchLoaded(
                rows, into: database.recordedAddress, transaction: work.own(in: receipts)?.transaction ?? 0,
                seconds: (MonotonicClock.now() - started).rounded(decimals: 6)))
        return receipts
    }

    /// Checks the gates before the rows are replaced: a load that is held back leaves the old ones.
    private func checkGates(_ counts: StagedCounts) throws(Fault) {
        let (stored, refused) = Self.sums(counts, of: stage)
        guard let reason = Gates(work.store.config).failure(items: stored, rejected: refused) else { return }
        throw Fault(.heldBack, "nothing was loaded, and the database is unchanged: \(reason)")
    }

    private static func sums(_ counts: StagedCounts, of stage: String) -> (stored: Int, refused: Int) {
        (counts.predictions.values.reduce(0, +), counts.rejections[stage] ?? 0)
    }

    private func ownRun(_ version: String, _ counts: StagedCounts) -> RunRow {
        var row = RunRow(stage: stage, version: version, status: .sealed)
        row.fingerprint = work.plan.fingerprint.hex
        (row.items, row.rejected) = Self.sums(counts, of: stage)
        row.seconds = (MonotonicClock.now() - started).rounded(decimals: 6)
        row.peakMemoryBytes = PeakMemory.bytes()
        row.bytesIn = lineage.results.reduce(0) { $0 + $1.seal.bytes }
        row.startedAt = Timestamp(WallClock.text(startedAt))
        row.finishedAt = Timestamp(WallClock.text(WallClock.now()))
        row.summary = [
            "tool": .string(Store.tool.rawValue), "inputs": RunRows.inputs(lineage.results.map(\.reference)),
            "tool_version": .string(work.request.toolVersion), "host": .string(Machine.name()),
        ]
        row.summary["memory_limit_bytes"] = MemoryLimit.bytes(for: work.plan.effectiveConfig).map { .int(Int64($0)) }
        return row
    }
}
