public import BatchFormat
public import Fault
public import StageRun

/// A plan whose parts a test makes.
public struct TestWork: StageWork {
    /// Makes a part, up to its seal.
    public typealias Making = (_ index: Int, _ version: String) throws(Fault) -> PartWriter

    /// What is to be made.
    public let plan: VersionPlan
    private let preparing: () throws(Fault) -> Void
    private let making: Making

    /// Takes a plan.
    ///
    /// - Parameter preparing: called before anything is written.
    public init(
        _ plan: VersionPlan, preparing: @escaping () throws(Fault) -> Void = { () throws(Fault) in },
        making: @escaping Making
    ) {
        (self.plan, self.preparing, self.making) = (plan, preparing, making)
    }

    /// Prepares.
    public func prepare() throws(Fault) -> TestPartMaker {
        try preparing()
        return TestPartMaker(making: making)
    }
}

/// Makes parts as a test says.
public struct TestPartMaker: PartMaker {
    let making: TestWork.Making

    /// Makes part `index`.
    public func make(_ index: Int, in version: String) throws(Fault) -> MadePart {
        .folder(try making(index, version))
    }
}

/// A stage with all that a run of it needs.
public struct PreparedStage<S: Stage> {
    /// The stage.
    public let stage: S
    /// Changes the request.
    public let request: StageRequest
    /// Workers and log.
    public let context: RunContext

    /// Prepares a run.
    public init(_ stage: S, _ request: StageRequest, _ context: RunContext) {
        (self.stage, self.request, self.context) = (stage, request, context)
    }

    /// Runs the stage.
    @discardableResult
    public func run() throws(Fault) -> StageOutcome { try StageRunner(request, context).run(stage) }
}
