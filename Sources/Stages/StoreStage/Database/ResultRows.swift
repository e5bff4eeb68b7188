package import JSON

/// A row of `predictions`: a model's result for one item.
package struct PredictionRow: Sendable, Equatable {
    /// The stage that ran the model.
    package var stage: String
    /// The stage's version, `v3`.
    package var version: String
    /// The item's id.
    package var itemID: String
    /// The model's name and version, if the ledger names one.
    package var model: String?
    package var modelVersion: String?
    /// The best label, for models that give labels.
    package var label: String?
    /// The model's own confidence.
    package var score: Double?
    /// Everything the stage wrote about the item, unchanged.
    package var output: JSONText
    /// The item's metadata.
    package var fields: JSONText
    /// When the recording was made, if its metadata say.
    package var recordedAt: Timestamp?

    package init(
        stage: String, version: String, itemID: String, model: String? = nil, modelVersion: String? = nil,
        label: String? = nil, score: Double? = nil, output: JSONText = [:], fields: JSONText = [:],
        recordedAt: Timestamp? = nil
    ) {
        self.stage = stage
        self.version = version
        self.itemID = itemID
        self.model = model
        self.modelVersion = modelVersion
        self.label = label
        self.score = score
        self.output = output
        self.fields = fields
        self.recordedAt = recordedAt
    }
}

/// A row of `rejections`: an item that a stage rejected, and why.
package struct RejectionRow: Sendable, Equatable {
    package var stage: String
    package var version: String
    package var itemID: String
    /// The reason's code.
    package var reason: String
    /// The reason in words.
    package var message: String

    package init(stage: String, version: String, itemID: String, reason: String, message: String) {
        self.stage = stage
        self.version = version
        self.itemID = itemID
        self.reason = reason
        self.message = message
    }
}

/// A row of `runs`: the figures of one stage's run. Unknown ones are `nil`.
package struct RunRow: Sendable, Equatable {
    package var stage: String
    /// The version, `v3`; empty if the stage has not started one.
    package var version: String
    package var fingerprint: String?
    package var items: Int?
    package var rejected: Int?
    /// Wall time.
    package var seconds: Double?
    package var peakMemoryBytes: Int?
    /// Bytes of the versions read, and of the version written.
    package var bytesIn: Int?
    package var bytesOut: Int?
    package var status: RunStatus
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// Other useful figures.
    package var summary: JSONObject

    package init(stage: String, version: String, status: RunStatus, summary: JSONObject = [:]) {
        self.stage = stage
        self.version = version
        self.status = status
        self.summary = summary
    }
}

/// How a run ended, or how far it is.
package enum RunStatus: String, Sendable {
    /// Its version is sealed, and nothing holds it back.
    case sealed
    /// Its version is sealed, but a gate keeps it from being used.
    case heldBack = "held_back"
    /// It failed before it had a version, or left one without a seal, and no process works on it.
    case failed
    /// A process works on it.
    case running
    /// There is no version of the stage at all.
    case absent
}
