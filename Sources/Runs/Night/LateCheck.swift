internal import Alerts
internal import BatchFormat
public import Fault
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// Checks from outside whether the results due exist: a night that never began cannot report itself.
public struct LateCheck: Sendable {
    /// The result for a pipeline.
    public struct Finding: Sendable {
        /// The batch that is late.
        public let batch: String
        /// When it was due, as RFC 3339 in UTC.
        public let due: String
        /// What is missing.
        public let state: String
        /// Whether this is its first report.
        public let isNew: Bool
        /// Problems with reporting it.
        public let warnings: [String]
    }

    private let launcher: any StageLauncher
    private let root: String
    private let settings: NightSettings

    /// Prepares a check.
    ///
    /// - Parameter launcher: runs the tool that records the alert in the database.
    public init(on launcher: any StageLauncher, root: String, settings: NightSettings) {
        self.launcher = launcher
        self.root = root
        self.settings = settings
    }

    /// What is missing on disk or, if nothing is, in the databases.
    private func missing(
        _ config: PipelineConfig, _ name: String, _ now: Double
    ) throws(Fault) -> (batch: String, due: Double, state: String)? {
        let lateness = Lateness(config, name: name, root: root)
        if let missing = try lateness.missing(now: now) { return missing }
        guard let (batch, due) = lateness.newestDue(now: now) else { return nil }
        let plan = try NightPlan(config, name: name, batch: batch, root: root, purpose: .nightly, order: .sequential)
        return StoredCheck(plan, on: launcher).problem().map { (batch, due, $0) }
    }

    /// Checks a pipeline; if it is late, raises the alert, records it in the database, and sends it to the channels.
    ///
    /// - Returns: `nil` if nothing that is due is missing.
    public func look(at config: PipelineConfig, name: String, now: Double) throws(Fault) -> Finding? {
        guard let missing = try missing(config, name, now) else { return nil }
        let outbox = try AlertOutbox(config, name: name, batch: missing.batch, root: root, settings: settings)
        var alerts = NightAlerts(outbox: outbox, isStopped: StopFlag.isRaised)
        alerts.raiseLate(due: missing.due, missing: missing.state)
        let plan = try NightPlan(config, name: name, batch: missing.batch, root: root, purpose: .nightly)
        if let failure = try NightRunner(plan, config, on: launcher, settings: settings).record() {
            alerts.warnings.append(
                "the alert is not in the database yet: exit code \(failure.status.code): \(failure.message)")
        }
        alerts.deliver()
        return Finding(
            batch: missing.batch, due: WallClock.text(missing.due), state: missing.state, isNew: !alerts.raised.isEmpty,
            warnings: alerts.warnings)
    }
}
