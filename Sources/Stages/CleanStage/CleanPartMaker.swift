public import BatchFormat
public import Fault
internal import JSON
package import PipelineConfig
public import StageRun
internal import Workers

/// Makes clean's parts: decodes, checks and measures recordings, in the ledger's order.
public final class CleanPartMaker: DerivedPartMaker {
    private let name: String
    private let schema: FieldSchema
    private let pool: DecoderPool
    /// Whether recordings are cut, so that an item may become several.
    private let cutsLong: Bool

    package init(stage: String, fields: [Named<FieldRule>], pool: DecoderPool) throws(Fault) {
        name = stage
        schema = try FieldSchema(fields)
        self.pool = pool
        cutsLong = pool.setup.options.cutsLong
    }

    /// Settles every item of a fetch part, in order.
    public func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        let items = try part.items().map(complete)
        let pool = pool
        try writer.ensureTensorFile(TensorNames.audio, room: items.reduce(0) { $0 + headerRoom(for: $1) })
        // A few finished recordings may wait for a slow one before them; more would only take memory.
        try Workers.orderedMap(count: items.count, jobs: context.jobs, window: context.jobs + 2) {
            (index, _) throws(Fault) -> Decoding? in
            try context.checkStop()
            guard case .complete(let row, _) = items[index] else { return nil }
            return try pool.begin(try part.objectPath(row), bytes: row.fetched?.bytes ?? 0)
        } consume: { (index, decoding) throws(Fault) in
            switch items[index] {
            case .complete(let row, let filled): try settle(row, filled, decoding, in: writer, context)
            case .ended(let id, let rejection):
                try reject(id, rejection.reason.rawValue, rejection.message, in: writer, context)
            }
            context.advance()
        }
    }

    /// Bytes for the entries of an item's pieces in the tensor file's header: the most that a recording of that size
    /// can have at the lowest practical speech bit rate. A recording with more only costs time.
    private func headerRoom(for item: Item) -> Int {
        guard cutsLong, case .complete(let row, _) = item else { return 0 }
        let options = pool.setup.options
        let seconds = Double(row.fetched?.bytes ?? 0) / 2000
        // No piece is shorter than three quarters of the longest.
        let pieces = Int(seconds / (0.75 * options.maxSeconds - options.overlapSeconds)) + 1
        return pieces * (row.id.text.utf8.count + 128)
    }

    private enum Item: Sendable {
        /// The ledger line with its fields completed, and the names of the filled ones.
        case complete(LedgerRow, filled: [String])
        /// An item rejected because of its metadata, before its audio is read.
        case ended(ItemID, Rejection)
    }

    private func complete(_ row: LedgerRow) -> Item {
        var row = row
        var fields = row.fields
        do throws(Rejection) {
            let lastModified = row.fetched?.lastModified
            try checkName(row.id)
            let filled = try schema.complete(&fields, lastModified: lastModified)
            if !fields.isEmpty || row.object["fields"] != nil { row.object["fields"] = .object(fields) }
            return .complete(row, filled: filled)
        } catch {
            return .ended(row.id, error)
        }
    }

    /// If recordings are cut, a name needs room for those of its pieces, and must not look like one of them.
    private func checkName(_ id: ItemID) throws(Rejection) {
        guard cutsLong else { return }
        if PieceSpan.ends(id) {
            throw Rejection(.badKey, "the name reads as that of a piece of another recording; rename the recording")
        }
        guard id.text.utf8.count + PieceSpan.longestText <= ItemID.longest else {
            throw Rejection(
                .badKey, "the name is \(id.text.utf8.count) bytes long, which leaves no room for those of its pieces")
        }
    }

    private func settle(
        _ row: LedgerRow, _ filled: [String], _ decoding: Decoding?, in writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        guard let decoding else { return }
        try pool.finish(decoding) { (step) throws(Fault) in
            switch step {
            case .startOver: try writer.discardPending()
            case .message(.samples(let samples)):
                // Check for cancellation within long recordings.
                try context.checkStop()
                try samples.withUnsafeBufferPointer { (floats) throws(Fault) in
                    try writer.extendTensor(TensorNames.audio, floats: floats)
                }
            case .message(.piece(let piece)): try add(piece, of: row, filled, to: writer, context)
            case .message(.end(.passed(let figures))):
                try writer.append(line(row, filled, figures), tensor: TensorNames.audio)
                warn(of: figures, row.id, context)
            case .message(.end(.cut)): try writer.settlePieces(of: row.id)
            case .message(.end(.rejected(let reason, let message))):
                try reject(row.id, reason, message, in: writer, context)
            case .message(.failed(let fault)): throw fault
            }
        }
    }

    private func add(
        _ piece: DecodedPiece, of row: LedgerRow, _ filled: [String], to writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        let id = piece.span.id(in: row.id)
        switch piece.verdict {
        case .passed(let figures):
            var own: JSONObject = ["source": .string(row.id.text), "offset": .double(piece.span.offset)]
            for (name, value) in figures.members { own[name] = value }
            try writer.appendPiece(line(row.renamed(id), filled, own), tensor: TensorNames.audio)
            // The warnings are about the whole recording.
            if piece.span.start == 0 { warn(of: figures, row.id, context) }
        case .rejected(let reason, let message):
            try writer.rejectPiece(id, of: row.id, reason: reason, message: message)
            context.noteRejected(id, reason: reason, message: message)
        }
    }

    /// Records what was done to a recording beyond what its pipeline asks for.
    private func warn(of figures: JSONObject, _ id: ItemID, _ context: RunContext) {
        if let channel = figures["channel"]?.int, let reason = figures["channel_reason"]?.string {
            context.events.record(
                MixAvoided(of: id.text, channel: channel, reason: reason, loss: figures["mix_loss_db"]?.double ?? 0))
        }
        if let words = figures["truncated"]?.string { context.events.record(TruncatedKept(of: id.text, words: words)) }
    }

    private func line(_ row: LedgerRow, _ filled: [String], _ figures: JSONObject) -> LedgerRow {
        var (row, own) = (row, JSONObject())
        if !filled.isEmpty { own["filled"] = .array(filled.map { .string($0) }) }
        for (name, value) in figures.members { own[name] = value }
        row.object[name] = .object(own)
        return row
    }

    private func reject(
        _ id: ItemID, _ reason: String, _ message: String, in writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        try writer.reject(id, reason: reason, message: message)
        context.noteRejected(id, reason: reason, message: message)
    }
}
