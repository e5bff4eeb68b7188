public import Alerts
internal import BatchFormat
internal import JSON
internal import StageRun
internal import Time

/// The result of a night, from which its summary, its exit code and its metrics are made.
public struct NightReport: Sendable {
    /// The pipeline.
    public let pipeline: String
    /// The batch.
    public let batch: String
    /// The endings of the stages.
    public let outcome: NightOutcome
    /// When the night began, in seconds since 1970.
    public let began: Double
    /// Wall time of the whole night, in seconds.
    public let seconds: Double
    /// Every stage, in order.
    public let stages: [StageFigures]
    /// The stages whose `current` the night has moved from one version to another.
    public let moved: [Move]
    /// The alerts that this night raised.
    public let raised: [RaisedAlert]
    /// All alerts of the batch whose cause has not gone.
    public let open: [RaisedAlert]
    /// How many times an alert is still waiting for a channel.
    public let undelivered: Int
    /// Problems outside the stages: channels, metrics. They never fail the night.
    public let warnings: [String]

    /// A stage whose `current` points at another version than before.
    public struct Move: Sendable, Equatable {
        /// The stage.
        public let stage: String
        /// The number of the version before.
        public let from: Int
        /// The number of the version now.
        public let to: Int
    }

    package init(
        pipeline: String, batch: String, outcome: NightOutcome, began: Double, seconds: Double, stages: [StageFigures],
        moved: [Move] = [], raised: [RaisedAlert], open: [RaisedAlert], undelivered: Int, warnings: [String]
    ) {
        self.pipeline = pipeline
        self.batch = batch
        self.outcome = outcome
        self.began = began
        self.seconds = seconds
        self.stages = stages
        self.moved = moved
        self.raised = raised
        self.open = open
        self.undelivered = undelivered
        self.warnings = warnings
    }

    /// The meaning of the exit code, and what to do.
    public var advice: ExitCodeAdvice {
        if outcome.isDone, let held = stages.first(where: \.isHeld) { return ExitCodeAdvice(held: held) }
        let since = WallClock.text(began)
        return ExitCodeAdvice(
            outcome.status, of: stages.first { $0.stage == outcome.cause?.stage },
            made: stages.count { $0.seal?.run.finishedAt ?? "" >= since })
    }

    /// Whether there is nothing to report to a person.
    public var isAllWell: Bool { outcome.isDone && raised.isEmpty && warnings.isEmpty }
}
