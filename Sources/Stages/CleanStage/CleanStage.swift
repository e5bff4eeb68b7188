public import BatchFormat
public import Fault
internal import JSON
public import PipelineConfig
internal import Resampling
public import StageRun
internal import Workers

/// The clean stage: recordings validated and brought to one rate and one channel, metadata completed.
public final class CleanStage: PartMaking {
    /// The tool and its behaviour revision.
    public static let definition = StageDefinition(tool: "clean", revision: 1)
    /// The tensors that the stage writes: float32 [samples] for each item.
    public static let audioFile = "audio.safetensors"

    private let name: String
    private let schema: FieldSchema
    private let pool: DecoderPool

    /// Prepares a run: as many decoders as there are jobs, each the running program again with ``DecodeWorker/argument``.
    public convenience init(_ config: StageConfig, context: RunContext) throws(Fault) {
        let pool = DecoderPool(
            DecodeOptions(config), workers: context.jobs, launch: .thisProgram, events: context.events)
        try self.init(stage: config.stage, fields: config.fields, pool: pool)
    }

    package init(stage: String, fields: [FieldRule], pool: DecoderPool) throws(Fault) {
        name = stage
        schema = try FieldSchema(fields)
        self.pool = pool
    }

    /// Settles every item of a fetch part, in order.
    public func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        let items = try part.items().map(complete)
        let pool = pool
        try writer.ensureTensorFile(Self.audioFile)
        // A few finished recordings may wait for a slow one before them; more would only take memory.
        try Workers.orderedMap(count: items.count, jobs: context.jobs, window: context.jobs + 2) {
            (index, worker) throws(Fault) in
            try context.checkStop()
            switch items[index] {
            case .ended(_, let rejection):
                return DecodeVerdict.rejected(reason: rejection.reason.rawValue, message: rejection.message)
            case .complete(let row, _):
                let bytes = row.object["fetch"]?["bytes"]?.int ?? 0
                return try pool.clean(try part.objectPath(row), bytes: bytes, worker: worker)
            }
        } consume: { (index, verdict) throws(Fault) in
            try settle(items[index], verdict, in: writer, context)
            context.advance()
        }
    }

    private enum Item: Sendable {
        /// The ledger's line with its fields completed, and the names of those that were filled.
        case complete(LedgerRow, filled: [String])
        /// An item whose metadata ends it before its audio is looked at.
        case ended(ItemID, Rejection)
    }

    private func complete(_ row: LedgerRow) -> Item {
        var row = row
        var fields = row.fields
        do throws(Rejection) {
            let lastModified = row.object["fetch"]?["last_modified"]?.string
            let filled = try schema.complete(&fields, lastModified: lastModified)
            if !fields.isEmpty || row.object["fields"] != nil { row.object["fields"] = .object(fields) }
            return .complete(row, filled: filled)
        } catch {
            return .ended(row.id, error)
        }
    }

    private func settle(
        _ item: Item, _ verdict: DecodeVerdict, in writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        switch (item, verdict) {
        case (.complete(var row, let filled), .passed(let figures, let samples)):
            var own = JSONObject()
            if !filled.isEmpty { own["filled"] = .array(filled.map { .string($0) }) }
            for (name, value) in figures.members { own[name] = value }
            row.object[name] = .object(own)
            try samples.withUnsafeBufferPointer { (floats) throws(Fault) in
                try writer.append(row, tensor: Self.audioFile, shape: [floats.count], floats: floats)
            }
        case (.complete(let row, _), .rejected(let reason, let message)):
            try reject(row.id, reason, message, in: writer, context)
        case (.ended(let id, let rejection), _):
            try reject(id, rejection.reason.rawValue, rejection.message, in: writer, context)
        }
    }

    private func reject(
        _ id: ItemID, _ reason: String, _ message: String, in writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        try writer.reject(id, reason: reason, message: message)
        context.noteRejected(id, reason: reason, message: message)
    }
}

extension DecodeOptions {
    /// What a pipeline's `[clean]` says.
    package init(_ config: StageConfig) {
        self.init()
        sampleRate = config.int("sample_rate")
        channels = config.value("channels")?.int.map { .one($0) } ?? .mix
        minSeconds = config.double("min_seconds")
        maxSeconds = config.double("max_seconds")
        silenceDBFS = config.double("silence_dbfs")
        guard let mode = ResamplingMode(rawValue: config.string("resampler")) else {
            preconditionFailure("the schema of pipeline.toml accepted a resampler that does not exist")
        }
        resampler = mode
    }
}
