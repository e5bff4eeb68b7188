public import JSON

/// Something about a night that a person should know, named by its cause so that it is told once.
public struct Alert: Sendable, Equatable {
    /// What is the matter.
    public enum Kind: String, Sendable, CaseIterable {
        /// A stage came near the memory that there is.
        case memory
        /// A version is held back from `current`.
        case gateFailed = "gate_failed"
        /// Too many items of a version ended at its stage.
        case successRate = "success_rate"
        /// A batch of items took much longer than others of its size.
        case slowBatch = "slow_batch"
        /// A stage ended with an error.
        case stageFailed = "stage_failed"
        /// Results are not there when they are due.
        case nightLate = "night_late"
        /// Somebody tries the channels.
        case test
    }

    /// How bad it is.
    public enum Severity: String, Sendable {
        /// Look at it by day.
        case warning
        /// There are no results, and there will be none until somebody acts.
        case critical
    }

    /// The pipeline.
    public let pipeline: String
    /// The batch.
    public let batch: String
    /// The stage; `nil` for what concerns the whole night.
    public let stage: String?
    /// The stage's version, `v3`.
    public let version: String?
    /// What is the matter.
    public let kind: Kind
    /// How bad it is.
    public let severity: Severity
    /// What tells this cause from others of its kind in the same stage: the version, the exit code.
    public let cause: String
    /// One line for a person.
    public let message: String
    /// The figures.
    public let detail: JSONObject

    /// Describes an alert.
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

    /// Names the cause: `digits/2026-11-20/infer/slow_batch/v1`. Alerts with equal keys are the same alert.
    public var key: String {
        [pipeline, batch, stage ?? "-", kind.rawValue, cause].joined(separator: "/")
    }
}

/// An alert that was raised: its id, when, and who has been told.
public struct RaisedAlert: Sendable, Equatable {
    /// The alert's key, with `#2` behind it when the same cause came back after it had gone.
    public let id: String
    /// What is the matter.
    public let alert: Alert
    /// When it was raised, as RFC 3339 in UTC.
    public let raisedAt: String
    /// The names of the channels that took it.
    public internal(set) var delivered: Set<String> = []
    /// Whether the cause has gone since.
    public internal(set) var isResolved = false

    /// An alert that nobody has been told of yet.
    public init(id: String, alert: Alert, raisedAt: String) {
        self.id = id
        self.alert = alert
        self.raisedAt = raisedAt
    }

    /// The alert as channels get it and as the log keeps it.
    public var members: JSONObject {
        [
            "id": .string(id), "pipeline": .string(alert.pipeline), "batch": .string(alert.batch),
            "stage": alert.stage.map { .string($0) } ?? .null,
            "version": alert.version.map { .string($0) } ?? .null, "kind": .string(alert.kind.rawValue),
            "severity": .string(alert.severity.rawValue), "cause": .string(alert.cause),
            "message": .string(alert.message), "detail": .object(alert.detail), "raised_at": .string(raisedAt),
        ]
    }

    /// Reads what ``members`` wrote; `nil` if it is something else.
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
