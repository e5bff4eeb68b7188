public import BatchFormat
internal import Digests
public import Fault
internal import JSON
internal import PipelineConfig
public import StageRun

/// A load, and how much of it the database already contains.
public final class StoreWork: StageWork {
    /// What is to be loaded: one part, whose result on disk is the receipt.
    public let plan: VersionPlan
    let store: Store
    let lineage: LoadLineage
    let request: StageRequest
    let context: RunContext
    private var opened: OpenedDatabase?

    /// The database, and its receipts of the batch when it was opened.
    struct OpenedDatabase {
        let database: any ResultDatabase
        let receipts: [LoadReceipt]
    }

    init(_ store: Store, _ plan: VersionPlan, _ lineage: LoadLineage, _ request: StageRequest, _ context: RunContext) {
        (self.store, self.plan, self.lineage, self.request, self.context) = (store, plan, lineage, request, context)
    }

    /// What is not in the database, one line for each.
    public func reasons(in folder: StageFolder) throws(Fault) -> [String] {
        let missing = try lacking()
        return missing.isEmpty ? ["nothing changed: everything is in the database"] : missing
    }

    /// What is not in the database, one line for each; empty if everything is.
    func lacking() throws(Fault) -> [String] { missing(in: try receipts()) }

    /// Whether the database still contains the version's load.
    public func isDone(by version: VersionSeal) throws(Fault) -> Bool {
        let receipts = try receipts()
        guard missing(in: receipts).isEmpty, let own = own(in: receipts) else { return false }
        return version.run.transaction == own.transaction
    }

    /// Opens the database.
    public func prepare() throws(Fault) -> StorePartMaker {
        let opened = try open()
        // Loaded, but without a seal on disk: the run that loaded it died before it could write one.
        let isLoaded = !request.force && missing(in: opened.receipts).isEmpty && own(in: opened.receipts) != nil
        return StorePartMaker(self, opened.database, loaded: isLoaded ? opened.receipts : nil)
    }

    /// The receipt of this load.
    func own(in receipts: [LoadReceipt]) -> LoadReceipt? {
        receipts.first { $0.loaded.stage == store.config.stage }
    }

    private func receipts() throws(Fault) -> [LoadReceipt] {
        // A dry run must not create the file.
        if request.dryRun, try DatabaseAddress.isFileMissing(store.url(for: request)) { return [] }
        return try open().receipts
    }

    private func open() throws(Fault) -> OpenedDatabase {
        if let opened { return opened }
        let database = try store.open(request, context)
        if !request.dryRun { try database.migrate() }
        let opened = OpenedDatabase(database: database, receipts: try database.receipts(request.batchName))
        self.opened = opened
        return opened
    }

    /// Why the batch must be loaded, one line per reason; empty if all of it is in the database.
    private func missing(in receipts: [LoadReceipt]) -> [String] {
        var lines: [String] = []
        for wanted in lineage.stages {
            let found = receipts.first { $0.loaded.stage == wanted.stage }?.loaded
            if found == wanted { continue }
            let there = found.map { "it has \($0.version)" } ?? "it has no version, or not all of its rows"
            lines.append("\(wanted.stage) \(wanted.version) is not in the database: \(there)")
        }
        if lines.isEmpty, own(in: receipts)?.loaded.digest != plan.fingerprint.hex {
            lines.append("the database has no receipt of \(store.config.stage) for exactly these versions")
        }
        return lines
    }
}
