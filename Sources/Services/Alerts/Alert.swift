public import JSON

/// A problem with a night that a person should know about, identified by its cause so that it is reported only once.
public struct Alert: Sendable, Equatable {
    /// What happened.
    public enum Kind: String, Sendable, CaseIterable {
        /// A stage came near its memory limit.
        case memory
        /// A version is held back from `current`.
        case gateFailed = "gate_failed"
        /// A stage rejected too many items of a version.
        case successRate = "success_rate"
        /// A batch of items took much longer than others of its size.
        case slowBatch = "slow_batch"
        /// A stage ended with an error.
        case stageFailed = "stage_failed"
        /// Results are not complete when they are due.
        case nightLate = "night_late"
        /// A test of the channels.
        case test
    }

    /// How serious it is.
    public enum Severity: String, Sendable {
        /// Look at it during the day.
        case warning
        /// There are no results, and there will be none until a person acts.
        case critical
    }

    /// The pipeline.
    public let pipeline: String
    /// The batch.
    public let batch: String
    /// The stage; `nil` if the alert concerns the whole night.
    public let stage: String?
    /// The stage's version, `v3`.
    public let version: String?
    /// What happened.
    public let kind: Kind
    /// How serious it is.
    public internal(set) var severity: Severity
    /// Distinguishes this cause from others of its kind in the same stage: the version, the exit code.
    public let cause: String
    /// One line for people.
    public internal(set) var message: String
    /// The figures behind it.
    public internal(set) var detail: JSONObject

    /// Makes an alert.
    public init(
        pipeline: String, batch: String, stage: String? = nil, version: String? = nil, kind: Kind,
        severity: Severity, cause: String, message: String, detail: JSONObject = [:]
    ) {
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
        self.version = version
        self.kind = kind
        self.severity = severity
        self.cause = cause
        self.message = message
        self.detail = detail
    }

    /// Identifies the cause: `digits/2026-11-20/infer/slow_batch/v1`. Alerts with equal keys are the same alert.
    public var key: String {
        [pipeline, batch, stage ?? "-", kind.rawValue, cause].joined(separator: "/")
    }
}

/// An alert that was raised: its id, when, and which channels it reached.
public struct RaisedAlert: Sendable, Equatable {
    /// The alert's key, followed by `#2` if the same cause came back after it had gone.
    public let id: String
    /// The alert.
    public private(set) var alert: Alert
    /// When it was raised, as RFC 3339 in UTC.
    public let raisedAt: String
    /// The names of the channels that accepted it.
    public internal(set) var delivered: Set<String> = []
    /// Whether the cause has gone since.
    public internal(set) var isResolved = false

    /// Makes an alert that has not been delivered yet.
    public init(id: String, alert: Alert, raisedAt: String) {
        self.id = id
        self.alert = alert
        self.raisedAt = raisedAt
    }

    /// The alert in the form sent to channels and kept in the log.
    public var members: JSONObject {
        [
            "id": .string(id), "pipeline": .string(alert.pipeline), "batch": .string(alert.batch),
            "stage": alert.stage.map { .string($0) } ?? .null,
            "version": alert.version.map { .string($0) } ?? .null, "kind": .string(alert.kind.rawValue),
            "severity": .string(alert.severity.rawValue), "cause": .string(alert.cause),
            "message": .string(alert.message), "detail": .object(alert.detail), "raised_at": .string(raisedAt),
        ]
    }

    /// Takes the message and figures of a `changed` record.
    mutating func change(to object: JSONObject) {
        if let message = object["message"]?.string { alert.message = message }
        if let detail = object["detail"]?.object { alert.detail = detail }
        if let severity = object["severity"]?.string.flatMap(Alert.Severity.init) { alert.severity = severity }
    }

    /// Reads what ``members`` wrote; `nil` if it is anything else.
    init?(_ object: JSONObject) {
        guard let id = object["id"]?.string, let pipeline = object["pipeline"]?.string,
            let batch = object["batch"]?.string, let kind = object["kind"]?.string.flatMap(Alert.Kind.init),
            let severity = object["severity"]?.string.flatMap(Alert.Severity.init),
            let cause = object["cause"]?.string, let message = object["message"]?.string,
            let raisedAt = object["raised_at"]?.string
        else { return nil }
        self.init(
            id: id,
            alert: Alert(
                pipeline: pipeline, batch: batch, stage: object["stage"]?.string, version: object["version"]?.string,
                kind: kind, severity: severity, cause: cause, message: message,
                detail: object["detail"]?.object ?? [:]),
            raisedAt: raisedAt)
    }
}
