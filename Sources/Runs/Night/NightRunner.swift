internal import Alerts
internal import BatchFormat
internal import Durable
public import Fault
internal import Glibc
internal import JSON
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// Runs a planned night: its stages, then their alerts, the record in the database, and the metrics.
///
/// Only the stages decide the exit code: a channel or a textfile that fails is a warning.
public struct NightRunner: Sendable {
    private let plan: NightPlan
    private let config: PipelineConfig
    private let settings: NightSettings
    private let launcher: any StageLauncher
    private let outbox: AlertOutbox

    /// Prepares a night.
    ///
    /// - Parameters:
    ///   - plan: made from the same configuration.
    ///   - launcher: where stages are run.
    public init(
        _ plan: NightPlan, _ config: PipelineConfig, on launcher: any StageLauncher, settings: NightSettings
    ) throws(Fault) {
        self.plan = plan
        self.config = config
        self.settings = settings
        self.launcher = launcher
        outbox = try AlertOutbox(
            config, name: plan.address.pipeline, batch: plan.address.batch, root: plan.address.root, settings: settings)
    }

    /// Runs the stages, raises alerts, records every run, failed ones too, with `store --runs-only`, delivers the alerts to the
    /// channels of `[alerts]`, and writes the metrics.
    ///
    /// A night that the disk does not let begin ends like one that failed: the channels are notified, too.
    ///
    /// - Throws: 75 if another command is running the batch's stages.
    public func run() throws(Fault) -> NightReport {
        let began = WallClock.now()
        let lock: NightLock
        do throws(Fault) {
            lock = try NightLock.take(plan.address, for: plan.command, stages: plan.steps.map(\.folder))
        } catch {
            guard [.disk, .denied, .missing].contains(error.kind) else { throw error }
            return notBegun(error, at: began)
        }
        let report = try runLocked()
        lock.end()
        return report
    }

    private func notBegun(_ fault: Fault, at began: Double) -> NightReport {
        var alerts = NightAlerts(outbox: outbox, isStopped: StopFlag.isRaised)
        alerts.raiseNotBegun(fault)
        alerts.deliver()
        let outcome = NightOutcome([], order: [], stopped: ToolExit(fault.kind))
        let report = alerts.report(plan, outcome, began: began, seconds: 0, stages: [])
        return plan.purpose == .backfill ? report : writeMetrics(of: report, late: false)
    }

    private func runLocked() throws(Fault) -> NightReport {
        let (began, started) = (WallClock.now(), MonotonicClock.now())
        let before = plan.steps.map { $0.folder.current() }
        var runs = StageRuns(plan, on: launcher)
        var outcome = runs.run()
        let stages = try figures()
        let moved = zip(plan.steps, before).compactMap { step, before -> NightReport.Move? in
            guard let before, let now = step.folder.current(), now != before else { return nil }
            return NightReport.Move(stage: step.stage, from: before, to: now)
        }
        var alerts = NightAlerts(outbox: outbox, isStopped: StopFlag.isRaised)
        let isTonight = plan.purpose != .backfill
        let lateness = Lateness(config, name: plan.address.pipeline, root: plan.address.root)
        let due = isTonight ? alerts.due(lateness, plan.address.batch, began: began) : nil
        alerts.raise(stages, outcome)
        if let due {
            alerts.raiseLate(due: due, missing: outcome.isDone ? nil : "the night failed")
        } else if outcome.isDone {
            alerts.resolveLateness()
        }
        // The alerts are on disk by now, and are loaded into the database together with the runs.
        if let failure = record() {
            if outcome.isDone {
                outcome = NightOutcome([failure], order: [failure.stage])
                alerts.raise([], outcome)
            } else if failure.status != outcome.status || failure.stage != outcome.cause?.stage {
                alerts.warnings.append(
                    "the runs could not be recorded in the database: exit code \(failure.status.code): \(failure.message)"
                )
            }
        }
        alerts.deliver()
        let report = alerts.report(
            plan, outcome, began: began, seconds: (MonotonicClock.now() - started).rounded(decimals: 3), stages: stages,
            moved: moved)
        return isTonight ? writeMetrics(of: report, late: due != nil) : report
    }

    private func figures() throws(Fault) -> [StageFigures] {
        var figures: [StageFigures] = []
        for stage in config.stages {
            figures.append(
                try StageFigures(
                    stage, root: plan.address.root, pipeline: plan.address.pipeline, batch: plan.address.batch))
        }
        return figures
    }

    /// Records the runs and the alerts in the databases.
    ///
    /// - Returns: the first failure.
    func record() -> StageEnding? {
        var failure: StageEnding?
        for step in plan.steps where step.tool == StageTool.store.rawValue {
            let (status, message) = launcher.wait(for: plan.recording(step))
            if status.isDone || failure != nil { continue }
            failure = StageEnding(
                stage: step.stage, tool: step.tool, status: status, message: message, time: WallClock.now(),
                night: plan.id)
        }
        return failure
    }

    // MARK: - The metrics

    private func writeMetrics(of report: NightReport, late: Bool) -> NightReport {
        guard
            let path = config.metricsTextfile
                ?? settings.metricsFolder.map({ "\($0)/nocturne-\(plan.address.pipeline).prom" })
        else { return report }
        do throws(Fault) {
            try NightMetrics.write(report, late: late, day: midnight, now: WallClock.now(), to: path)
            return report
        } catch {
            return report.warning("the metrics were not written: \(error)")
        }
    }

    private var midnight: Double? {
        Schedule(dueMinutes: 0, timezone: "UTC", daysBack: 0).due(ofBatch: plan.address.batch)
    }
}
