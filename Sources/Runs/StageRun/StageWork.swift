public import BatchFormat
public import Fault
public import JSON

/// What a run of a stage has to do, planned and not yet begun.
public protocol StageWork {
    /// What makes the parts.
    associatedtype Maker: PartMaker

    /// What is to be made.
    var plan: VersionPlan { get }
    /// Where further parts of the plan come from; `nil` if the plan is whole.
    var growth: (any PlanGrowing)? { get }

    /// Why there is something to make, one line for each reason, for `--why`.
    func reasons(in folder: StageFolder) throws(Fault) -> [String]
    /// Whether a sealed version with the plan's fingerprint is all that is asked for.
    func isDone(by version: VersionSeal) throws(Fault) -> Bool
    /// Prepares to make parts. Called once, before anything is written, if there is something to make: what it throws
    /// leaves no trace.
    func prepare() throws(Fault) -> Maker
    /// Called when the run has come to its end, with `current` as it stays.
    func finish(_ outcome: StageOutcome) throws(Fault)
}

extension StageWork {
    /// The plan is whole.
    public var growth: (any PlanGrowing)? { nil }
    /// What changed since the newest version.
    public func reasons(in folder: StageFolder) throws(Fault) -> [String] {
        try Explanation.lines(of: plan, in: folder)
    }
    /// What is on the disk is the result.
    public func isDone(by version: VersionSeal) throws(Fault) -> Bool { true }
    /// Nothing is left to do.
    public func finish(_ outcome: StageOutcome) throws(Fault) {}
}

/// Makes the parts of a plan.
public protocol PartMaker {
    /// Makes part `index` in the version's folder.
    func make(_ index: Int, in version: String) throws(Fault) -> MadePart
}

/// A part that has been made and is not sealed yet.
public enum MadePart {
    /// A folder with a ledger, which gets a seal of its own.
    case folder(PartWriter)
    /// A single file, which the version's seal lists, and what of making it goes on record in the seal's `run`.
    case file(SealedFile, run: JSONObject)
}
