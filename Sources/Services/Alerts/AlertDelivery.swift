internal import Durable
public import Fault

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
    public func deliver(pipelineFolder: String, since: String) throws(Fault) -> Outcome {
        var outcome = Outcome()
        guard !channels.isEmpty, Folders.isFolder(pipelineFolder) else { return outcome }
        var broken: Set<String> = []
        for batch in try Folders.names(in: pipelineFolder) {
            let log = AlertLog(batchFolder: "\(pipelineFolder)/\(batch)")
            // Checked without the lock first: most batches have nothing to deliver.
            guard try log.alerts().contains(where: { isWaiting($0, since: since) }) else { continue }
            let lock = try log.lock()
            for raised in try log.alerts() where isWaiting(raised, since: since) {
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
                    try log.noteDelivered(raised.id, by: channel.name, at: now())
                    outcome.delivered += 1
                }
            }
            lock.release()
        }
        return outcome
    }

    private func isWaiting(_ raised: RaisedAlert, since: String) -> Bool {
        !raised.isResolved && raised.raisedAt >= since && channels.contains { !raised.delivered.contains($0.name) }
    }
}
