package import Fault

/// Where results live: one protocol, a SQLite and a PostgreSQL behind it, one conformance suite for both.
///
/// The tables are the same in both (``Migrations``). One version per pipeline, batch and stage is in them.
package protocol ResultDatabase: AnyObject {
    /// The address as it may be recorded: no user, no password.
    var recordedAddress: String { get }

    /// Brings the tables to the newest schema; does nothing if they are there. Throws `.configuration` if they are of a
    /// newer schema than this build knows, or somebody else's.
    func migrate() throws(Fault)

    /// What the database says it holds of a batch, by the receipts in it.
    func receipts(_ batch: BatchName) throws(Fault) -> [LoadReceipt]

    /// Puts rows in the place of the stages' old ones, with the figures and the receipts, in one transaction: whoever reads,
    /// or looks after a crash, sees the old rows or the new.
    ///
    /// - Parameters:
    ///   - stages: The stages whose rows are replaced. Every row must be of one of them.
    ///   - fill: Hands the rows over, one by one. It is called again when a lost connection made a second try necessary.
    ///   - figures: Asked for the figures when all rows are on their way; may still refuse the load by throwing.
    /// - Returns: The receipts, as they stand in the database.
    @discardableResult
    func load(
        _ batch: BatchName, stages: [StageVersion], fill: (any RowSink) throws(Fault) -> Void,
        figures: (StagedCounts) throws(Fault) -> LoadFigures
    ) throws(Fault) -> [LoadReceipt]

    /// Writes figures alone, of runs that failed or were held back, and the alerts that are not there yet. Counts of rows are
    /// left as they are.
    func record(_ batch: BatchName, _ figures: LoadFigures, alerts: [AlertRow]) throws(Fault)
}

/// Takes the rows of a load.
package protocol RowSink: AnyObject {
    func append(_ row: PredictionRow) throws(Fault)
    func append(_ row: RejectionRow) throws(Fault)
}

/// A pipeline's batch.
package struct BatchName: Sendable, Hashable {
    package let pipeline: String
    package let batch: String

    package init(pipeline: String, batch: String) {
        self.pipeline = pipeline
        self.batch = batch
    }
}

/// A version of a stage: its name, and the digest that tells it from every other of its name.
package struct StageVersion: Sendable, Hashable {
    package let stage: String
    package let version: String
    package let digest: String

    package init(stage: String, version: String, digest: String) {
        self.stage = stage
        self.version = version
        self.digest = digest
    }
}

/// A row of `receipts`: which version of a stage is in the tables, and which transaction put it there.
package struct LoadReceipt: Sendable, Equatable {
    package let loaded: StageVersion
    /// How many rows the version has in `predictions` and in `rejections`.
    package let predictions: Int
    package let rejections: Int
    /// The transaction's number, as the database counts them.
    package let transaction: Int
    package let loadedAt: Timestamp

    /// Rows are counted up to this many when a receipt is compared with the tables: looking whether there is something
    /// to do must not take longer the more there is.
    static let mostCounted = 10_000

    package init(loaded: StageVersion, predictions: Int, rejections: Int, transaction: Int, loadedAt: Timestamp) {
        self.loaded = loaded
        self.predictions = predictions
        self.rejections = rejections
        self.transaction = transaction
        self.loadedAt = loadedAt
    }
}

/// How many rows of each stage a load has handed over.
package struct StagedCounts: Sendable, Equatable {
    package private(set) var predictions: [String: Int] = [:]
    package private(set) var rejections: [String: Int] = [:]

    package init() {}

    /// Rows of all stages, in both tables.
    var total: Int { predictions.values.reduce(0, +) + rejections.values.reduce(0, +) }

    mutating func count(_ row: PredictionRow) { predictions[row.stage, default: 0] += 1 }
    mutating func count(_ row: RejectionRow) { rejections[row.stage, default: 0] += 1 }
}
