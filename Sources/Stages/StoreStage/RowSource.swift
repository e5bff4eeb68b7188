internal import BatchFormat
internal import Fault
internal import JSON
internal import PipelineConfig
internal import StageRun

/// Turns ledgers into rows, and counts on the way.
final class RowSource {
    private let lineage: Lineage
    /// The store's own stage and version, under which items are rejected that no database can hold.
    private let own: (stage: String, version: String)
    /// The fields by whose values to count apart.
    private let fields: [String]
    private let context: RunContext
    /// What the last ``fill(_:)`` counted, one for each result.
    private(set) var counts: [LoadCounts] = []

    init(_ lineage: Lineage, own: (stage: String, version: String), groupBy fields: [String], context: RunContext) {
        self.lineage = lineage
        self.own = own
        self.fields = fields
        self.context = context
    }

    /// Hands over the predictions of the results and the rejections of every version; memory stays at one part's lines.
    ///
    /// May be called again, when the rows have to be sent once more: it then counts anew.
    func fill(_ sink: any RowSink) throws(Fault) {
        counts = []
        var measured: Set<String> = []
        for version in lineage.versions {
            let isResult = lineage.results.contains { $0.path == version.path }
            var counting: LoadCounts?
            if isResult {
                // Two results that rest on the same recordings carry the same figures: they are counted once.
                let cleaning = lineage.behind(version).filter { $0.seal.identity.tool == StageTool.clean.rawValue }
                    .map { (stage: $0.seal.identity.stage, version: $0.name) }
                    .filter { measured.insert($0.stage).inserted }
                let counts = LoadCounts(
                    stage: version.seal.identity.stage, version: version.name, by: fields, cleaning: cleaning)
                self.counts.append(counts)
                counting = counts
            }
            for index in version.seal.parts.indices {
                let part = try version.part(index)
                if let counting { try fill(sink, from: part, of: version, counting) }
                for reject in try part.rejects() { try sink.append(Self.row(reject, of: version)) }
            }
        }
        for field in Set(counts.flatMap(\.givenUp)).sorted(by: { $0.precedesByBytes($1) }) {
            context.events.record(
                "field_not_counted", level: .warning,
                "nothing is counted by '\(field)': it has more than \(Groups.mostValues) values, or one that is longer than "
                    + "\(Groups.longestValue) bytes; leave it out of \(own.stage).group_by", ["field": .string(field)])
        }
    }

    private func fill(
        _ sink: any RowSink, from part: PartReader, of version: VersionReader, _ counts: LoadCounts
    ) throws(Fault) {
        let stage = Array(version.seal.identity.stage.utf8)
        try part.forEachLine { (line, number) throws(Fault) in
            try context.checkStop()
            let read: LedgerLine
            do throws(JSONSyntaxError) {
                read = try LedgerLine(line, of: stage, noting: counts)
            } catch {
                throw part.damage(inLine: number, error)
            }
            if try append(Self.row(read, of: version), to: sink) { counts.countItem(read) }
        }
        context.advance(by: part.seal.items)
    }

    /// Hands a row over, or rejects its item; returns whether it was handed over.
    private func append(_ prediction: PredictionRow, to sink: any RowSink) throws(Fault) -> Bool {
        guard let problem = Storable.problem(of: prediction) else {
            try sink.append(prediction)
            return true
        }
        context.events.record(
            "item_unstorable", level: .warning, "'\(prediction.itemID)' is not stored: \(problem)",
            ["item": .string(prediction.itemID), "stage": .string(prediction.stage)])
        try sink.append(
            RejectionRow(
                stage: own.stage, version: own.version, itemID: Storable.visible(prediction.itemID),
                reason: "unstorable", message: "\(prediction.stage) \(prediction.version): \(problem)"))
        return false
    }

    private static func row(_ line: LedgerLine, of version: VersionReader) throws(Fault) -> PredictionRow {
        let stage = version.seal.identity.stage
        guard let output = line.output else {
            throw Fault(.damaged, "the item '\(line.id)' in '\(version.path)' has no \"\(stage)\" on its line")
        }
        var prediction = PredictionRow(
            stage: stage, version: version.name, itemID: line.id, label: line.label, score: line.score, output: output,
            fields: line.fields, recordedAt: line.recordedAt)
        if let model = line.model.map(ModelName.init) {
            prediction.model = model.name
            prediction.modelVersion = model.version
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
