internal import Alerts
internal import Fault
internal import StageRun
internal import Time

/// The alerts of a night that is ending. Nothing that goes wrong here fails the night: it becomes a warning.
struct Watch {
    let desk: AlertDesk
    /// Whether somebody is stopping the night: then nobody is kept waiting for a channel.
    let isStopped: Bool
    private(set) var raised: [RaisedAlert] = []
    private(set) var undelivered = 0
    var warnings: [String] = []

    init(desk: AlertDesk, isStopped: Bool) {
        self.desk = desk
        self.isStopped = isStopped
    }

    /// Raises what the stages' figures and the night's ending ask for.
    mutating func raise(_ stages: [StageFigures], _ ending: NightReport.Ending) {
        let rules = desk.rules
        var found = stages.flatMap { rules.alerts(of: $0) }
        let failed = stages.first { $0.stage == ending.stage }
        // Kept from a stage by another run, a night has failed at nothing. Should that run never end, it will be late.
        let isBusy = ending.code == 75 && ending.stage.map(desk.isBusy) == true
        if !isBusy, let failure = rules.failure(of: failed, name: ending.stage, code: ending.code) {
            found.append(failure)
        }
        raise(found)
        if ending.code == 0 { attempt { (desk) throws(Fault) in try desk.resolveFailures() } }
    }

    /// When the results were due, if they were not there by then.
    mutating func due(_ lateness: Lateness, _ batch: String, began: Double) -> Double? {
        attempt { (_) throws(Fault) in try lateness.isLate(batch, began: began, now: WallClock.now()) } ?? nil
    }

    /// Raises that the night is late.
    mutating func raiseLate(due: Double, missing: String?) { raise([desk.rules.late(due: due, missing: missing)]) }

    private mutating func raise(_ found: [Alert]) {
        if let new = attempt({ (desk) throws(Fault) in try desk.raise(found) }) { raised += new }
    }

    /// Brings what waits to the channels.
    mutating func deliver() {
        if isStopped { return }
        guard let outcome = attempt({ (desk) throws(Fault) in try desk.deliver() }) else { return }
        undelivered = outcome.undelivered
        warnings += outcome.failures
    }

    @discardableResult
    private mutating func attempt<Value>(_ body: (AlertDesk) throws(Fault) -> Value) -> Value? {
        do throws(Fault) {
            return try body(desk)
        } catch {
            warnings.append("the alerts are not complete: \(error)")
            return nil
        }
    }

    /// The night, told.
    mutating func report(
        _ pipeline: String, _ batch: String, _ ending: NightReport.Ending, began: Double, seconds: Double,
        stages: [StageFigures]
    ) -> NightReport {
        let open = attempt { (desk) throws(Fault) in try desk.alerts().filter { !$0.isResolved } } ?? []
        return NightReport(
            pipeline: pipeline, batch: batch, ending: ending, began: began, seconds: seconds, stages: stages,
            raised: raised, open: open, undelivered: undelivered, warnings: warnings)
    }
}

extension NightReport {
    /// The same night with one more thing that went wrong.
    func warning(_ text: String) -> NightReport {
        NightReport(
            pipeline: pipeline, batch: batch, ending: ending, began: began, seconds: seconds, stages: stages,
            raised: raised, open: open, undelivered: undelivered, warnings: warnings + [text])
    }
}
