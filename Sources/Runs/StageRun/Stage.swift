public import BatchFormat
public import Fault
public import PipelineConfig

/// A stage of a pipeline, defined by its tool, its configuration and its input.
///
/// ``StageRunner`` runs the stages of all five tools: it takes the lock, reuses existing parts, seals, and updates
/// `current`. A stage defines what differs: what there is to make (``plan(_:_:)``), and how (``StageWork/prepare()``,
/// ``PartMaker/make(_:in:)``). A stage that makes each part from one part of another stage conforms to
/// ``DerivedStage``.
public protocol Stage {
    /// What a run of the stage has to do.
    associatedtype Work: StageWork

    /// The tool that runs the stage.
    static var tool: StageTool { get }
    /// The tool's behaviour revision: raise it whenever the same input and configuration give different bytes.
    static var revision: Int { get }
    /// The stage's configuration.
    var config: StageConfig { get }
    /// Whether the stage's lock must be held for planning, because planning is work of its own. A stage that follows
    /// another always plans under its lock, so that its own followers see that a run has begun.
    static var plansUnderLock: Bool { get }
    /// Whether a run that is asked to stop seals what it has, instead of leaving that to the next run.
    var sealsWhenStopped: Bool { get }

    /// Refuses a request that the stage cannot carry out.
    func check(_ request: StageRequest) throws(Fault)
    /// Determines what a run has to make. Writes nothing.
    func plan(_ request: StageRequest, _ context: RunContext) throws(Fault) -> Work
}

extension Stage {
    /// Planning costs little.
    public static var plansUnderLock: Bool { false }
    /// The next run continues.
    public var sealsWhenStopped: Bool { false }
    /// Every request can be carried out.
    public func check(_ request: StageRequest) throws(Fault) {}

    /// What a version of the stage is the result of.
    ///
    /// - Parameter bearing: what determines the bytes, besides the input.
    public func identity(_ bearing: BearingFacts, for request: StageRequest) -> VersionIdentity {
        VersionIdentity(
            pipeline: request.address.pipeline, batch: request.address.batch, stage: config.stage,
            tool: Self.tool.rawValue,
            revision: Self.revision, config: bearing.config, model: bearing.model)
    }
}
