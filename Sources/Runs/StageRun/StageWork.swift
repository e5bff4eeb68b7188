public import BatchFormat
public import Fault

/// The work of a stage's run, planned and not yet started.
public protocol StageWork {
    /// The type that makes the parts.
    associatedtype Maker: PartMaker

    /// What is to be made.
    var plan: VersionPlan { get }
    /// Where further parts of the plan come from; `nil` if the plan is complete.
    var growth: (any PlanGrowing)? { get }

    /// Why there is something to make, one line per reason, for `--why`.
    func reasons(in folder: StageFolder) throws(Fault) -> [String]
    /// Whether nothing remains to be done if a sealed version has the plan's fingerprint.
    func isDone(by version: VersionSeal) throws(Fault) -> Bool
    /// What the run has counted beside items and rejections; asked for once everything is planned.
    var counts: OwnCounts { get }
    /// Prepares to make parts. Called once, before anything is written, if there is something to make; if it throws,
    /// the run leaves no trace.
    func prepare() throws(Fault) -> Maker
    /// A gate of the stage's own, evaluated like those of the plan: why a version must be held back, or `nil`.
    ///
    /// - Parameter current: the accepted version, if it is another one.
    func gateFailure(replacing current: VersionReader?) throws(Fault) -> String?
    /// Called at the end of the run, after `current` was updated.
    func finish(_ outcome: StageOutcome) throws(Fault)
}

extension StageWork {
    /// The plan is complete.
    public var growth: (any PlanGrowing)? { nil }
    /// What changed since the newest version.
    public func reasons(in folder: StageFolder) throws(Fault) -> [String] {
        try Explanation.lines(of: plan, in: folder)
    }
    /// The version on disk is the result.
    public func isDone(by version: VersionSeal) throws(Fault) -> Bool { true }
    /// The plan's gates are all.
    public func gateFailure(replacing current: VersionReader?) throws(Fault) -> String? { nil }
    /// Nothing.
    public var counts: OwnCounts { OwnCounts() }
    /// Nothing is left to do.
    public func finish(_ outcome: StageOutcome) throws(Fault) {}
}

/// What a stage counts beside items and rejections: figures for the version's seal.
public struct OwnCounts: Sendable {
    /// The rows of the batch's metadata, if it has any.
    public var metadata: MetadataCounts?

    /// Nothing was counted.
    public init() {}
}

/// How the rows of a batch's metadata met its items.
public struct MetadataCounts: Sendable, Equatable {
    /// Rows of the source, repeated ones counted once.
    public let rows: Int
    /// Rows that met an item; as many items have metadata.
    public let used: Int

    /// Rows, and how many of them were used.
    public init(rows: Int, used: Int) {
        self.rows = rows
        self.used = used
    }
}

/// Makes the parts of a plan.
public protocol PartMaker {
    /// Makes part `index` in the version's folder.
    func make(_ index: Int, in version: String) throws(Fault) -> MadePart
}

/// A part that has been made but not sealed.
public enum MadePart {
    /// A folder with a ledger, which gets its own seal.
    case folder(PartWriter)
    /// A single file, which the version's seal lists, and the load that it is the receipt of.
    case file(SealedFile, load: LoadTransaction?)
}

/// The transaction in which a batch was loaded into a database.
public struct LoadTransaction: Sendable {
    let transaction: Int
    let at: String

    /// - Parameter at: when it was, by the database's clock: RFC 3339 in UTC.
    public init(_ transaction: Int, at: String) {
        self.transaction = transaction
        self.at = at
    }
}
