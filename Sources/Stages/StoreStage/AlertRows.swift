internal import Alerts
internal import Durable
internal import Fault
package import JSON

/// A row of `alerts`: something that people should know about a batch.
package struct AlertRow: Sendable, Equatable {
    /// The alert's id on disk, also in `detail`, which prevents writing it twice.
    package var id: String
    /// The stage; `nil` if it concerns the whole night.
    package var stage: String?
    /// The stage's version, `v3`.
    package var version: String?
    package var severity: String
    /// The kind of alert: `stage_failed`.
    package var reason: String
    package var message: String
    package var detail: JSONObject
    package var raisedAt: Timestamp

    package init(
        id: String, stage: String? = nil, version: String? = nil, severity: String, reason: String, message: String,
        detail: JSONObject = [:], raisedAt: Timestamp
    ) {
        self.id = id
        self.stage = stage
        self.version = version
        self.severity = severity
        self.reason = reason
        self.message = message
        self.detail = detail
        self.raisedAt = raisedAt
    }

    /// The alerts in a batch's log.
    static func rows(batchFolder: String) throws(Fault) -> [AlertRow] {
        try AlertLog(batchFolder: batchFolder).alerts().compactMap { raised in
            guard let raisedAt = Timestamp(raised.raisedAt) else { return nil }
            var detail: JSONObject = ["id": .string(Storable.visible(raised.id))]
            for (name, value) in raised.alert.detail.members where detail[name] == nil { detail[name] = value }
            if raised.isResolved { detail["resolved"] = true }
            return AlertRow(
                id: Storable.visible(raised.id), stage: raised.alert.stage, version: raised.alert.version,
                severity: raised.alert.severity.rawValue, reason: raised.alert.kind.rawValue,
                message: Storable.visible(raised.alert.message), detail: RunRow.storable(detail), raisedAt: raisedAt)
        }
    }
}
