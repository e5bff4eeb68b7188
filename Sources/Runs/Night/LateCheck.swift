internal import Alerts
public import Fault
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// Looks whether the results that are due are there, from outside: a night that never began cannot tell of itself.
public struct LateCheck: Sendable {
    /// What was found of a pipeline.
    public struct Finding: Sendable {
        /// The batch that is late.
        public let batch: String
        /// When it was due, as RFC 3339 in UTC.
        public let due: String
        /// What is not there.
        public let state: String
        /// Whether this is the first time that somebody tells.
        public let isNew: Bool
        /// What went wrong with telling.
        public let warnings: [String]
    }

    private let installation: Installation
    private let root: String
    private let settings: NightSettings

    /// Prepares a check.
    public init(installation: Installation, root: String, settings: NightSettings) {
        self.installation = installation
        self.root = root
        self.settings = settings
    }

    /// Looks at a pipeline; when it is late, raises the alert, records it in the database, and tells whom `[alerts]` names.
    ///
    /// - Returns: `nil` if nothing is due that is not there.
    public func look(at config: PipelineConfig, name: String, now: Double) throws(Fault) -> Finding? {
        guard let missing = try Lateness(config, name: name, root: root).missing(now: now) else { return nil }
        let desk = try AlertDesk(config, name: name, batch: missing.batch, root: root, settings: settings)
        var watch = Watch(desk: desk, isStopped: StopFlag.isRaised)
        watch.raiseLate(due: missing.due, missing: missing.state)
        let run = try NightRun(
            installation: installation, pipeline: config, name: name, batch: missing.batch, root: root,
            settings: settings)
        if let failure = try run.record() {
            watch.warnings.append("the alert is not in the database yet: exit code \(failure.code)")
        }
        watch.deliver()
        return Finding(
            batch: missing.batch, due: WallClock.text(missing.due), state: missing.state, isNew: !watch.raised.isEmpty,
            warnings: watch.warnings)
    }
}
