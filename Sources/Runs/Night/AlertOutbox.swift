public import Alerts
internal import BatchFormat
internal import Durable
public import Fault
internal import JSON
internal import Memory
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// A batch's alerts: raised on disk, recorded in the logs of the versions concerned, and sent to the channels.
public struct AlertOutbox: Sendable {
    private let config: PipelineConfig
    private let address: BatchAddress
    private let settings: NightSettings
    private let log: AlertLog

    /// Alerts older than this are not sent: a channel set up today does not get last month's.
    private static let newsSeconds = 7.0 * 86_400

    /// The alerts of a batch.
    public init(
        _ config: PipelineConfig, name: String, batch: String, root: String, settings: NightSettings
    ) throws(Fault) {
        self.config = config
        address = try BatchAddress(root: root, pipeline: name, batch: batch)
        self.settings = settings
        log = AlertLog(batchFolder: address.path)
    }

    /// The rules for the batch.
    var rules: AlertRules {
        AlertRules(
            pipeline: address.pipeline, batch: address.batch, config: config.alerts,
            memoryLimit: MemoryGauge().limit() ?? 0)
    }

    /// Every alert of the batch.
    public func alerts() throws(Fault) -> [RaisedAlert] { try log.alerts() }

    /// Whether a run is working on a stage now.
    func isBusy(_ stage: String) -> Bool {
        (try? address.stage(stage))?.isBusy == true
    }

    /// Records new alerts, also in the logs of the versions concerned.
    ///
    /// - Returns: the new alerts.
    func raise(_ alerts: [Alert]) throws(Fault) -> [RaisedAlert] {
        let new = try log.raise(alerts, at: WallClock.text(WallClock.now()))
        for raised in new {
            guard let stage = raised.alert.stage, let version = raised.alert.version,
                let folder = try? address.stage(stage)
            else { continue }
            let events = EventLog()
            // A version's log is advisory: the alert itself is on disk.
            guard (try? events.open(inVersion: "\(folder.path)/\(version)")) != nil else { continue }
            events.record(
                AlertRaised(
                    kind: raised.alert.kind.rawValue, severity: raised.alert.severity.rawValue, id: raised.id,
                    message: raised.alert.message, details: raised.alert.detail))
        }
        return new
    }

    /// Records that what stopped some stages, or kept the night from beginning, has gone, and that what was reported of a version
    /// is not true of the one shown now. If it comes back, that is a new alert.
    ///
    /// - Parameters:
    ///   - stages: those of which this run knows how they ended.
    ///   - found: the alerts for how they ended, which stay.
    func resolve(of stages: Set<String>, except found: [Alert]) throws(Fault) {
        let keys = Set(found.map(\.key))
        let gone = try log.alerts().filter {
            !$0.isResolved && ![.nightLate, .test].contains($0.alert.kind) && !keys.contains($0.alert.key)
                && $0.alert.stage.map { stage in stages.contains(stage) || !isInPipeline(stage) } ?? true
        }
        try log.resolve(gone.map(\.id), at: WallClock.text(WallClock.now()))
    }

    /// Whether the pipeline still has a stage.
    private func isInPipeline(_ stage: String) -> Bool { config.stages.contains { $0.stage == stage } }

    /// Records that late results are complete.
    func resolveLateness() throws(Fault) {
        let gone = try log.alerts().filter { !$0.isResolved && $0.alert.kind == .nightLate }
        try log.resolve(gone.map(\.id), at: WallClock.text(WallClock.now()))
    }

    /// Whether there is anywhere to send alerts to.
    var hasChannels: Bool { !channels.isEmpty }

    /// Alerts that the disk does not take, to be sent without a record: without those that are on disk already.
    func unrecorded(_ alerts: [Alert]) -> [RaisedAlert] {
        let known = (try? log.alerts()) ?? []
        let time = WallClock.text(WallClock.now())
        return alerts.filter { alert in !known.contains { !$0.isResolved && $0.alert.key == alert.key } }
            .map { RaisedAlert(id: $0.key, alert: $0, raisedAt: time) }
    }

    /// Sends alerts that are on no disk, and the waiting alerts of every batch of the pipeline, to the channels.
    func deliver(unrecorded: [RaisedAlert]) -> AlertDelivery.Outcome {
        AlertDelivery(to: channels, host: Machine.name(), now: { WallClock.text(WallClock.now()) }).deliver(
            pipelineFolder: address.pipelineFolder, since: WallClock.text(WallClock.now() - Self.newsSeconds),
            unrecorded: unrecorded)
    }

    /// Sends an alert of kind `test` through every channel, and records nothing.
    ///
    /// - Returns: each channel's name, and its error.
    public func test() -> [(channel: String, failure: Fault?)] {
        let alert = Alert(
            pipeline: address.pipeline, batch: address.batch, kind: .test, severity: .warning,
            cause: WallClock.text(WallClock.now()),
            message: "a test of \(address.pipeline)'s alert channels: there is no problem")
        let raised = RaisedAlert(id: alert.key, alert: alert, raisedAt: WallClock.text(WallClock.now()))
        return channels.map { channel in
            do throws(Fault) {
                try channel.deliver(raised.payload(host: Machine.name()), id: raised.id)
                return (channel.name, nil)
            } catch {
                return (channel.name, error)
            }
        }
    }

    private var channels: [any AlertChannel] {
        let alerts = config.alerts
        var channels: [any AlertChannel] = []
        if !alerts.command.isEmpty {
            channels.append(CommandChannel(alerts.command, timeout: alerts.commandTimeout))
        }
        if let url = settings.webhook ?? alerts.webhook {
            channels.append(WebhookChannel(url: url, secret: settings.secret, timeout: alerts.webhookTimeout))
        }
        return channels
    }
}
