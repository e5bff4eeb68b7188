internal import Durable
internal import Fault

/// Delivers raised alerts to the channels, each alert once per channel.
///
/// More precisely, at least once: if the process dies after a channel accepted an alert but before that is recorded,
/// the alert is sent again with the same id. An alert that a channel did not accept is sent again by the next night.
public struct AlertDelivery: Sendable {
    private let channels: [any AlertChannel]
    private let host: String
    private let now: @Sendable () -> String

    /// Sets the channels.
    ///
    /// - Parameter now: the time as RFC 3339 in UTC.
    public init(to channels: [any AlertChannel], host: String, now: @escaping @Sendable () -> String) {
        self.channels = channels
        self.host = host
        self.now = now
    }

    /// The outcome of a delivery.
    public struct Outcome: Sendable, Equatable {
        /// How many times a channel accepted an alert.
        public var delivered: Int
        /// How many times an alert is still waiting for a channel.
        public var undelivered: Int
        /// The error of each channel that failed.
        public var failures: [String]

        /// Makes an outcome.
        public init(delivered: Int = 0, undelivered: Int = 0, failures: [String] = []) {
            self.delivered = delivered
            self.undelivered = undelivered
            self.failures = failures
        }
    }

    /// Delivers the waiting alerts of every batch of a pipeline.
    ///
    /// - Parameters:
    ///   - pipelineFolder: `ROOT/PIPELINE`
    ///   - since: alerts raised before this time (RFC 3339 in UTC) are not sent and stay undelivered.
    ///   - unrecorded: alerts that could not be written to any log; they are sent first, and again by a later night that meets
    ///     their cause.
    public func deliver(
        pipelineFolder: String, since: String, unrecorded: [RaisedAlert] = []
    ) -> Outcome {
        var round = Round(channels: channels, host: host)
        if channels.isEmpty { return round.outcome }
        for raised in unrecorded { round.send(raised) { (_) throws(Fault) in } }
        guard Folders.isFolder(pipelineFolder) else { return round.outcome }
        do throws(Fault) {
            for batch in try Folders.names(in: pipelineFolder) {
                deliver(AlertLog(batchFolder: "\(pipelineFolder)/\(batch)"), since: since, in: &round)
            }
        } catch {
            round.outcome.failures.append("the alerts of earlier nights were not looked for: \(error)")
        }
        return round.outcome
    }

    /// Delivers the waiting alerts of a batch. A disk that takes no record does not keep them from being sent.
    private func deliver(_ log: AlertLog, since: String, in round: inout Round) {
        do throws(Fault) {
            // Checked without the lock first: most batches have nothing to deliver.
            guard try log.alerts().contains(where: { isWaiting($0, since: since) }) else { return }
            var lock: FolderLock?
            // A disk that takes no lock takes no record either: better twice than never.
            do throws(Fault) { lock = try log.lock() } catch {}
            for raised in try log.alerts() where isWaiting(raised, since: since) {
                round.send(raised) { (channel) throws(Fault) in
                    try log.noteDelivered(raised.id, by: channel, at: now())
                }
            }
            lock?.release()
        } catch {
            round.outcome.failures.append("the alerts in '\(log.path)' were not sent: \(error)")
        }
    }

    /// One delivery to all channels.
    private struct Round {
        let channels: [any AlertChannel]
        let host: String
        var outcome = Outcome()
        private var broken: Set<String> = []

        init(channels: [any AlertChannel], host: String) {
            self.channels = channels
            self.host = host
        }

        /// Sends an alert to the channels that have not accepted it.
        ///
        /// - Parameter note: records that a channel has accepted it.
        mutating func send(_ raised: RaisedAlert, _ note: (_ channel: String) throws(Fault) -> Void) {
            for channel in channels where !raised.delivered.contains(channel.name) {
                // A channel that has failed is not tried again: its timeouts would add up to hours.
                if broken.contains(channel.name) {
                    outcome.undelivered += 1
                    continue
                }
                do throws(Fault) {
                    try channel.deliver(raised.payload(host: host), id: raised.id)
                } catch {
                    broken.insert(channel.name)
                    outcome.undelivered += 1
                    outcome.failures.append("the alert channel '\(channel.name)' failed: \(error)")
                    continue
                }
                outcome.delivered += 1
                do throws(Fault) { try note(channel.name) } catch {
                    outcome.failures.append(
                        "'\(channel.name)' has accepted an alert, but that could not be recorded, so that it is sent again: "
                            + "\(error)")
                }
            }
        }
    }

    private func isWaiting(_ raised: RaisedAlert, since: String) -> Bool {
        !raised.isResolved && raised.raisedAt >= since && channels.contains { !raised.delivered.contains($0.name) }
    }
}
