public import Alerts
internal import BatchFormat
internal import JSON
internal import StageRun
internal import Time

/// How a night went: what its summary, its exit code and its metrics are made of.
public struct NightReport: Sendable {
    /// How the stages ended.
    public struct Ending: Sendable, Equatable {
        /// The failing tool's exit code, or 0.
        public let code: Int32
        /// The stage that failed.
        public let stage: String?

        /// An ending.
        public init(code: Int32, stage: String? = nil) {
            self.code = code
            self.stage = stage
        }
    }

    /// The pipeline.
    public let pipeline: String
    /// The batch.
    public let batch: String
    /// How the stages ended.
    public let ending: Ending
    /// When the night began, in seconds since 1970.
    public let began: Double
    /// Wall time of the whole night, in seconds.
    public let seconds: Double
    /// Every stage, in order.
    public let stages: [StageFigures]
    /// The alerts that this night raised.
    public let raised: [RaisedAlert]
    /// All alerts of the batch whose cause has not gone.
    public let open: [RaisedAlert]
    /// How often an alert still waits for a channel.
    public let undelivered: Int
    /// What went wrong beside the stages: channels, metrics. It never fails the night.
    public let warnings: [String]

    package init(
        pipeline: String, batch: String, ending: Ending, began: Double, seconds: Double, stages: [StageFigures],
        raised: [RaisedAlert], open: [RaisedAlert], undelivered: Int, warnings: [String]
    ) {
        self.pipeline = pipeline
        self.batch = batch
        self.ending = ending
        self.began = began
        self.seconds = seconds
        self.stages = stages
        self.raised = raised
        self.open = open
        self.undelivered = undelivered
        self.warnings = warnings
    }

    /// What the exit code means this time, and what to do.
    public var advice: ExitCodeAdvice {
        let since = WallClock.text(began)
        return ExitCodeAdvice(
            ending.code, of: stages.first { $0.stage == ending.stage },
            made: stages.count { $0.seal?.run["finished_at"]?.string ?? "" >= since })
    }

    /// Whether there is nothing that a person should hear of.
    public var isAllWell: Bool { ending.code == 0 && raised.isEmpty && warnings.isEmpty }
}
