internal import Alerts
internal import BatchFormat
internal import Fault
internal import StageRun
internal import Time

/// The alerts at the end of a night. Nothing that goes wrong here fails the night: it becomes a warning.
struct NightAlerts {
    let outbox: AlertOutbox
    /// Whether the night is being stopped, in which case it does not wait for a channel.
    let isStopped: Bool
    private(set) var raised: [RaisedAlert] = []
    private(set) var undelivered = 0
    /// Those of `raised` that the disk does not take: sent anyway.
    private var unrecorded: [RaisedAlert] = []
    var warnings: [String] = []

    init(outbox: AlertOutbox, isStopped: Bool) {
        self.outbox = outbox
        self.isStopped = isStopped
    }

    /// Raises the alerts for the stages' figures and endings, and resolves those whose cause has gone.
    ///
    /// A stage that ended because of another raises none, because the other's alert covers it; what was known about it
    /// before stays as it was. The same holds for a stage that was stopped, kept out by another run, or not reached.
    mutating func raise(_ stages: [StageFigures], _ outcome: NightOutcome) {
        let rules = outbox.rules
        var found = stages.flatMap { rules.alerts(of: $0) }
        var judged = Set(outcome.endings.filter { !$0.isBad }.map(\.stage))
        for failure in outcome.failures where !failure.status.isStop {
            // A stage blocked by another run has not failed. If that run never ends, the night will be late.
            if failure.status.kind == .retryLater && outbox.isBusy(failure.stage) { continue }
            judged.insert(failure.stage)
            if let alert = rules.failure(failure, of: stages.first { $0.stage == failure.stage }) {
                found.append(alert)
            }
        }
        raise(found)
        attempt { (outbox) throws(Fault) in try outbox.resolve(of: judged, except: found) }
    }

    /// When the results were due, if they were incomplete by then.
    mutating func due(_ lateness: Lateness, _ batch: String, began: Double) -> Double? {
        attempt { (_) throws(Fault) in try lateness.isLate(batch, began: began, now: WallClock.now()) } ?? nil
    }

    /// Raises the alert that the night is late.
    mutating func raiseLate(due: Double, missing: String?) { raise([outbox.rules.late(due: due, missing: missing)]) }

    /// Resolves the alert that the night is late, once a later night finds the results complete.
    mutating func resolveLateness() { attempt { (outbox) throws(Fault) in try outbox.resolveLateness() } }

    /// Raises the alert that the night could not begin.
    mutating func raiseNotBegun(_ fault: Fault) { raise([outbox.rules.notBegun(fault)]) }

    private mutating func raise(_ found: [Alert]) {
        do throws(Fault) {
            raised += try outbox.raise(found)
        } catch {
            let lost = outbox.unrecorded(found)
            unrecorded += lost
            raised += lost
            warnings.append(
                "the alerts cannot be recorded, so that they are sent without a record, and again by the next night: \(error)"
            )
        }
    }

    /// Sends the waiting alerts to the channels.
    mutating func deliver() {
        if isStopped {
            if !raised.isEmpty && outbox.hasChannels {
                warnings.append("the alerts wait for the next night or 'nocturne late': this night was stopped")
            }
            return
        }
        let outcome = outbox.deliver(unrecorded: unrecorded)
        undelivered = outcome.undelivered
        warnings += outcome.failures
    }

    @discardableResult
    private mutating func attempt<Value>(_ body: (AlertOutbox) throws(Fault) -> Value) -> Value? {
        do throws(Fault) {
            return try body(outbox)
        } catch {
            warnings.append("the alerts are not complete: \(error)")
            return nil
        }
    }

    /// The report of the night.
    mutating func report(
        _ plan: NightPlan, _ outcome: NightOutcome, began: Double, seconds: Double, stages: [StageFigures],
        moved: [NightReport.Move] = []
    ) -> NightReport {
        let open = attempt { (outbox) throws(Fault) in try outbox.alerts().filter { !$0.isResolved } } ?? []
        return NightReport(
            pipeline: plan.address.pipeline, batch: plan.address.batch, outcome: outcome, began: began,
            seconds: seconds,
            stages: stages, moved: moved, raised: raised, open: open, undelivered: undelivered, warnings: warnings)
    }
}

extension NightReport {
    /// The same night with an additional warning.
    func warning(_ text: String) -> NightReport {
        NightReport(
            pipeline: pipeline, batch: batch, outcome: outcome, began: began, seconds: seconds, stages: stages,
            moved: moved, raised: raised, open: open, undelivered: undelivered, warnings: warnings + [text])
    }
}
