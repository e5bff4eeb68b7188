package import Fault

/// Where results are stored: one protocol, implemented with SQLite and PostgreSQL, and one conformance suite for both.
///
/// The tables are the same in both (``Migrations``). They contain one version per pipeline, batch and stage.
package protocol ResultDatabase: AnyObject {
    /// The address for records: no user, no password.
    var recordedAddress: String { get }

    /// Upgrades the tables to the newest schema, if necessary. Throws `.configuration` if their schema is newer than
    /// this build knows, or if they belong to another program.
    func migrate() throws(Fault)

    /// The batch's receipts in the database.
    func receipts(_ batch: BatchName) throws(Fault) -> [LoadReceipt]

    /// Replaces the stages' rows, with the figures and the receipts, in one transaction: a reader sees either the old
    /// rows or the new, also after a crash.
    ///
    /// - Parameters:
    ///   - stages: the stages whose rows are replaced. Every row must belong to one of them.
    ///   - fill: passes the rows, one by one. It is called again if a lost connection requires a second try.
    ///   - figures: returns the figures when all rows have been sent; may still refuse the load by throwing.
    /// - Returns: the receipts, as stored in the database.
    @discardableResult
    func load(
        _ batch: BatchName, stages: [StageVersion], fill: (any RowSink) throws(Fault) -> Void,
        figures: (StagedCounts) throws(Fault) -> LoadFigures
    ) throws(Fault) -> [LoadReceipt]

    /// Writes only figures, of runs that failed or were held back, and the missing alerts. Counts of rows are left
    /// unchanged.
    func record(_ batch: BatchName, _ figures: LoadFigures, alerts: [AlertRow]) throws(Fault)
}

/// Receives the rows of a load.
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

/// A version of a stage: its name, and the digest that distinguishes it from others with that name.
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

/// A row of `receipts`: which version of a stage is in the tables, and which transaction loaded it.
package struct LoadReceipt: Sendable, Equatable {
    package let loaded: StageVersion
    /// The number of rows in `predictions` and in `rejections`.
    package let predictions: Int
    package let rejections: Int
    /// The transaction's number in the database.
    package let transaction: Int
    package let loadedAt: Timestamp

    /// Rows are counted up to this limit when a receipt is compared with the tables, so that the check does not take
    /// longer the more rows there are.
    static let mostCounted = 10_000

    package init(loaded: StageVersion, predictions: Int, rejections: Int, transaction: Int, loadedAt: Timestamp) {
        self.loaded = loaded
        self.predictions = predictions
        self.rejections = rejections
        self.transaction = transaction
        self.loadedAt = loadedAt
    }
}

/// How many rows of each stage a load has passed.
package struct StagedCounts: Sendable, Equatable {
    package private(set) var predictions: [String: Int] = [:]
    package private(set) var rejections: [String: Int] = [:]

    package init() {}

    /// Rows of all stages, in both tables.
    var total: Int { predictions.values.reduce(0, +) + rejections.values.reduce(0, +) }

    mutating func count(_ row: PredictionRow) { predictions[row.stage, default: 0] += 1 }
    mutating func count(_ row: RejectionRow) { rejections[row.stage, default: 0] += 1 }
}
