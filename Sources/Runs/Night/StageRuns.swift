internal import BatchFormat
internal import Fault
internal import Processes
internal import StageRun
internal import Time

/// The running stages of a plan: starts each in order, waits for all, and stops those affected by a failure.
struct StageRuns {
    private let plan: NightPlan
    private let launcher: any StageLauncher
    private var waiting: [NightPlan.Step]
    private var running: [(step: NightPlan.Step, run: any LaunchedStage)] = []
    private var endings: [StageEnding] = []
    /// The stages we have asked to stop because another failed.
    private var stopped: Set<String> = []

    init(_ plan: NightPlan, on launcher: any StageLauncher) {
        self.plan = plan
        self.launcher = launcher
        waiting = plan.steps
    }

    /// Runs the stages.
    ///
    /// - Returns: the endings of the stages that were started, which are also on disk.
    mutating func run() -> NightOutcome {
        var stops = StopRelay()
        while true {
            startDue()
            if running.isEmpty { break }
            stops.pass(to: running.map(\.run))
            noteEnds()
            ChildProcess.pause()
        }
        // Stages that were never started also make a night stopped, even if no started one failed.
        let isStopped = StopFlag.isRaised && (!waiting.isEmpty || endings.contains { !$0.letsReadersRun })
        let own = isStopped ? StopFlag.exitCode.map { ToolExit(code: $0) } : nil
        return blame(NightOutcome(endings, order: plan.steps.map(\.stage), stopped: own))
    }

    // MARK: - Starting

    private mutating func startDue() {
        while !StopFlag.isRaised, let at = waiting.firstIndex(where: isDue) {
            let step = waiting.remove(at: at)
            do throws(Fault) {
                running.append((step, try launcher.start(plan.launch(step, ended: ended))))
            } catch {
                let ending = StageEnding(
                    stage: step.stage, tool: step.tool, status: ToolExit(error.kind), message: "\(error)",
                    time: WallClock.now(), night: plan.id)
                try? ending.write(of: step.folder)
                note(ending)
            }
        }
    }

    /// Whether a stage is due to be started.
    private func isDue(_ step: NightPlan.Step) -> Bool {
        if isHeldUp(step) { return false }
        // One at a time: two would share the machine that each is measured for.
        if plan.order == .sequential, !running.isEmpty { return false }
        return step.inputs.allSatisfy { input in
            guard let read = plan.steps.first(where: { $0.stage == input }), !ended.contains(input) else { return true }
            // A follower started before there is a run to follow could take the version before for it.
            return plan.order == .streamed && read.folder.hasBegun(inNight: plan.id)
        }
    }

    /// The stages whose runs have ended so that others can read them.
    private var ended: Set<String> { Set(endings.filter(\.letsReadersRun).map(\.stage)) }

    /// Whether a failed stage prevents another from being started.
    private func isHeldUp(_ step: NightPlan.Step) -> Bool {
        endings.contains { !$0.letsReadersRun && concerns($0, step.stage) }
    }

    // MARK: - Ending

    private mutating func noteEnds() {
        var still: [(step: NightPlan.Step, run: any LaunchedStage)] = []
        var ended: [StageEnding] = []
        for (step, run) in running {
            if let status = run.end() {
                let wasAsked = StopFlag.isRaised || stopped.contains(step.stage)
                ended.append(
                    .left(
                        by: step.folder, tool: step.tool, night: plan.id, status, said: run.message(status),
                        wasAsked: wasAsked))
            } else {
                still.append((step, run))
            }
        }
        running = still
        for ending in ended { note(ending) }
    }

    private mutating func note(_ ending: StageEnding) {
        endings.append(ending)
        // A stage that was stopped by a signal has not failed: what it has sealed is worth finishing.
        guard !ending.letsReadersRun, !ending.status.isStop else { return }
        for (step, run) in running where concerns(ending, step.stage) {
            run.stop()
            stopped.insert(step.stage)
        }
    }

    /// Whether a failed stage is a reason to stop another.
    private func concerns(_ ending: StageEnding, _ stage: String) -> Bool {
        switch plan.failure {
        case .stopsAll: true
        case .stopsReaders: plan.readers(of: ending.stage).contains(stage)
        }
    }

    /// Makes the stages that ended because of another name it, here and on disk.
    private func blame(_ outcome: NightOutcome) -> NightOutcome {
        let blamed = outcome.blaming(stopped: stopped)
        for (old, new) in zip(outcome.endings, blamed.endings) where old != new {
            guard let step = plan.steps.first(where: { $0.stage == new.stage }) else { continue }
            // A manual run may have started since: that file is its own.
            if StageEnding(of: step.folder) == old { try? new.write(of: step.folder) }
        }
        return blamed
    }
}

/// Passes a stop that was asked of us on to stages, once. One that came before it was made is not passed on: what is still
/// started after it must be done (recording the night).
struct StopRelay {
    private var isDone = StopFlag.isRaised

    /// Asks stages to stop if we have been asked since this relay was made.
    mutating func pass(to runs: [any LaunchedStage]) {
        guard StopFlag.isRaised, !isDone else { return }
        isDone = true
        for run in runs { run.stop() }
    }
}
