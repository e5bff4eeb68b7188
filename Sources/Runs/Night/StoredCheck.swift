internal import Fault
internal import PipelineConfig
internal import Processes

/// Whether the databases have what a batch's stages have made: rows may be lost while all versions are on disk.
public struct StoredCheck: Sendable {
    private let plan: NightPlan
    private let launcher: any StageLauncher

    /// Prepares a check of a plan's batch.
    public init(_ plan: NightPlan, on launcher: any StageLauncher) {
        self.plan = plan
        self.launcher = launcher
    }

    /// What is wrong with the first stage whose database lacks something, or cannot be asked; `nil` if nothing is.
    public func problem() -> String? {
        for step in plan.steps where step.tool == StageTool.store.rawValue {
            let (status, message) = launcher.wait(for: plan.checking(step))
            if status.kind == .missing { return "the database of \(step.stage) does not have the results" }
            if !status.isDone {
                return "the database of \(step.stage) cannot be asked, exit code \(status.code): \(message)"
            }
        }
        return nil
    }
}

extension StageLauncher {
    /// Runs a tool to its end.
    func wait(for launch: StageLaunch) -> (status: ToolExit, message: String) {
        var stops = StopRelay()
        do throws(Fault) {
            let run = try start(launch)
            while true {
                if let status = run.end() { return (status, run.message(status)) }
                stops.pass(to: [run])
                ChildProcess.pause()
            }
        } catch {
            return (ToolExit(error.kind), "\(error)")
        }
    }
}
