internal import BatchFormat
internal import Fault
internal import JSON
internal import PipelineConfig
internal import StageRun

/// Turns ledgers into rows, and counts them.
final class RowSource {
    private let lineage: LoadLineage
    /// The store's own stage and version, under which items are rejected that no database can store.
    private let own: (stage: String, version: String)
    /// The fields whose values are counted separately.
    private let fields: [String]
    private let context: RunContext
    /// The counts of the last ``fill(_:)``, one for each result.
    private(set) var counts: [LoadCounts] = []

    init(_ lineage: LoadLineage, own: (stage: String, version: String), groupBy fields: [String], context: RunContext) {
        self.lineage = lineage
        self.own = own
        self.fields = fields
        self.context = context
    }

    /// Passes the predictions of the results and the rejections of every version, with only one part's lines in memory.
    ///
    /// May be called again if the rows have to be sent again; counting then starts over.
    func fill(_ sink: any RowSink) throws(Fault) {
        counts = []
        var measured: Set<String> = []
        for version in lineage.versions {
            let isResult = lineage.results.contains { $0.path == version.path }
            var counting: LoadCounts?
            if isResult {
                // Two results based on the same recordings have the same figures, which are counted once.
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
                FieldNotCounted(
                    field,
                    "items are not counted by '\(field)': it has more than \(Groups.mostValues) values, or one that is longer than "
                        + "\(Groups.longestValue) bytes; leave it out of \(own.stage).group_by"))
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

    /// Passes a row, or rejects its item; returns whether it was passed.
    private func append(_ prediction: PredictionRow, to sink: any RowSink) throws(Fault) -> Bool {
        guard let problem = Storable.problem(of: prediction) else {
            try sink.append(prediction)
            return true
        }
        context.events.record(ItemUnstorable(prediction.itemID, of: prediction.stage, problem: "\(problem)"))
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
        // A rejected item's text is for people; rejecting the rejection as well would help no one.
        RejectionRow(
            stage: version.seal.identity.stage, version: version.name, itemID: Storable.visible(reject.id.text),
            reason: Storable.visible(reject.reason), message: Storable.visible(reject.message))
    }
}
