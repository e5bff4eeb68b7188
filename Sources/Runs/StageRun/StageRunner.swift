internal import BatchFormat
public import Fault
internal import JSON
internal import PipelineConfig

/// Runs a stage: the only way in which the stages of all five tools are run.
public struct StageRunner {
    private let request: StageRequest
    private let context: RunContext

    /// Prepares a run.
    public init(_ request: StageRequest, _ context: RunContext) {
        self.request = request
        self.context = context
    }

    /// Runs a stage; with `--dry-run`, only reports what a run would do.
    public func run<S: Stage>(_ stage: S) throws(Fault) -> StageOutcome {
        try stage.check(request)
        let folder = try request.address.stage(stage.config.stage)
        if request.dryRun { return try explain(stage.plan(request, context), in: folder) }
        guard stage.sealsWhenStopped else { return try carryOut(stage, in: folder, context) }
        let outcome = try carryOut(stage, in: folder, context.withoutStops())
        do throws(Fault) { try context.checkStop() } catch {
            throw Fault(error.kind, "stopped by a signal, in order: '\(outcome.path)' is sealed")
        }
        return outcome
    }

    private func explain(_ work: some StageWork, in folder: StageFolder) throws(Fault) -> StageOutcome {
        try sayWhy(work, in: folder)
        return try Explanation.dryRun(of: work, in: folder)
    }

    private func sayWhy(_ work: some StageWork, in folder: StageFolder) throws(Fault) {
        for line in try work.reasons(in: folder) { context.events.record(Explained(line)) }
    }

    private func carryOut<S: Stage>(
        _ stage: S, in folder: StageFolder, _ context: RunContext
    ) throws(Fault) -> StageOutcome {
        if S.plansUnderLock || request.streaming.follow {
            let run = try VersionRun(folder: folder, request: request, context: context)
            return try carryOut(stage.plan(request, context), by: run)
        }
        // A run without an input leaves no folder behind.
        let work = try stage.plan(request, context)
        return try carryOut(work, by: VersionRun(folder: folder, request: request, context: context))
    }

    private func carryOut(_ work: some StageWork, by run: VersionRun) throws(Fault) -> StageOutcome {
        // A growing plan is not known before it is complete.
        if request.why, work.growth == nil { try sayWhy(work, in: run.folder) }
        let outcome = try run.execute(work)
        try work.finish(outcome)
        return outcome
    }
}
