internal import BatchFormat
internal import Fault
internal import JSON
internal import StageRun

/// Turns ledgers into rows.
struct RowSource {
    private let lineage: Lineage
    /// The store's own stage and version, under which items are rejected that no database can hold.
    private let own: (stage: String, version: String)
    private let context: RunContext

    init(_ lineage: Lineage, own: (stage: String, version: String), context: RunContext) {
        self.lineage = lineage
        self.own = own
        self.context = context
    }

    /// Hands over the predictions of the results and the rejections of every version; memory stays at one part's lines.
    func fill(_ sink: any RowSink) throws(Fault) {
        for version in lineage.versions {
            let isResult = lineage.results.contains { $0.path == version.path }
            for index in version.seal.parts.indices {
                let part = try version.part(index)
                if isResult {
                    for row in try part.items() {
                        try context.checkStop()
                        try append(row, of: version, to: sink)
                    }
                    context.advance(by: part.seal.items)
                }
                for reject in try part.rejects() { try sink.append(Self.row(reject, of: version)) }
            }
        }
    }

    private func append(_ row: LedgerRow, of version: VersionReader, to sink: any RowSink) throws(Fault) {
        let prediction = try Self.row(row, of: version)
        guard let problem = Storable.problem(of: prediction) else { return try sink.append(prediction) }
        context.events.record(
            "item_unstorable", level: .warning, "'\(row.id)' is not stored: \(problem)",
            ["item": .string(row.id.text), "stage": .string(prediction.stage)])
        try sink.append(
            RejectionRow(
                stage: own.stage, version: own.version, itemID: Storable.visible(row.id.text), reason: "unstorable",
                message: "\(prediction.stage) \(prediction.version): \(problem)"))
    }

    private static func row(_ row: LedgerRow, of version: VersionReader) throws(Fault) -> PredictionRow {
        let stage = version.seal.identity.stage
        guard let output = row.object[stage]?.object else {
            throw Fault(.damaged, "the item '\(row.id)' in '\(version.path)' has no \"\(stage)\" on its line")
        }
        var prediction = PredictionRow(
            stage: stage, version: version.name, itemID: row.id.text, label: output["label"]?.string,
            score: output["score"]?.double, output: output, fields: row.fields,
            recordedAt: row.fields["recorded_at"]?.string.flatMap(Timestamp.init))
        if let model = output["model"]?.string {
            let at = model.lastIndex(of: "@")
            prediction.model = String(at.map { model[..<$0] } ?? model[...])
            prediction.modelVersion = at.map { String(model[model.index(after: $0)...]) }
        }
        return prediction
    }

    private static func row(_ reject: RejectRow, of version: VersionReader) -> RejectionRow {
        // A rejected item's words are for people: one more item that cannot be told of would help nobody.
        RejectionRow(
            stage: version.seal.identity.stage, version: version.name, itemID: Storable.visible(reject.id.text),
            reason: Storable.visible(reject.reason), message: Storable.visible(reject.message))
    }
}
