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
            let stage = Array(version.seal.identity.stage.utf8)
            let isResult = lineage.results.contains { $0.path == version.path }
            for index in version.seal.parts.indices {
                let part = try version.part(index)
                if isResult {
                    try part.forEachLine { (line, number) throws(Fault) in
                        try context.checkStop()
                        let read: LedgerLine
                        do throws(JSONSyntaxError) {
                            read = try LedgerLine(line, of: stage)
                        } catch {
                            throw part.damage(inLine: number, error)
                        }
                        try append(Self.row(read, of: version), to: sink)
                    }
                    context.advance(by: part.seal.items)
                }
                for reject in try part.rejects() { try sink.append(Self.row(reject, of: version)) }
            }
        }
    }

    private func append(_ prediction: PredictionRow, to sink: any RowSink) throws(Fault) {
        guard let problem = Storable.problem(of: prediction) else { return try sink.append(prediction) }
        context.events.record(
            "item_unstorable", level: .warning, "'\(prediction.itemID)' is not stored: \(problem)",
            ["item": .string(prediction.itemID), "stage": .string(prediction.stage)])
        try sink.append(
            RejectionRow(
                stage: own.stage, version: own.version, itemID: Storable.visible(prediction.itemID),
                reason: "unstorable", message: "\(prediction.stage) \(prediction.version): \(problem)"))
    }

    private static func row(_ line: LedgerLine, of version: VersionReader) throws(Fault) -> PredictionRow {
        let stage = version.seal.identity.stage
        guard let output = line.output else {
            throw Fault(.damaged, "the item '\(line.id)' in '\(version.path)' has no \"\(stage)\" on its line")
        }
        var prediction = PredictionRow(
            stage: stage, version: version.name, itemID: line.id, label: line.label, score: line.score, output: output,
            fields: line.fields, recordedAt: line.recordedAt)
        if let model = line.model {
            let at = model.utf8.lastIndex(of: UInt8(ascii: "@"))
            prediction.model = String(at.map { model[..<$0] } ?? model[...])
            prediction.modelVersion = at.map { String(model[model.utf8.index(after: $0)...]) }
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
