public import BatchFormat
public import Fault
internal import JSON
internal import Memory
internal import Models
internal import PipelineConfig
public import StageRun
internal import Time

/// Makes infer's parts: tensors in, predictions out, in the ledger's order.
public final class InferPartMaker: DerivedPartMaker {
    private let package: ModelPackage
    private let stage: String
    private let options: InferConfig
    private let backend: any InferenceBackend
    private let planner: BatchPlanner
    private let cleanStage: String?
    private let samplesPerSecond: Double?
    /// How much of an item the model is proved on: a second.
    private let proofLength: Int
    private let footprintFile: String?
    private let gauge: MemoryGauge
    private var opened: (runner: BatchRunner, memory: MemoryGuard)?

    /// Checks that the model fits the batch; no engine is opened yet.
    ///
    /// - Parameter footprintFile: where the footprints of batches are stored between runs.
    init(
        _ package: ModelPackage, stage: String, options: InferConfig, input: StageInput,
        backend: any InferenceBackend, footprintFile: String?
    ) throws(Fault) {
        self.package = package
        self.stage = stage
        self.options = options
        self.backend = backend
        self.footprintFile = footprintFile
        gauge = MemoryGauge(configured: options.memoryLimit)
        let origin = try BatchOrigin(of: input)
        try package.checkFeatures(origin.features)
        try package.verifyModelFile()
        cleanStage = origin.cleanStage
        let rate = origin.features["sample_rate"]?.double
        // Limits count frames of 10 ms; a waveform's length counts samples.
        let isWaveform = package.manifest.input.kind == .waveform
        let samplesPerFrame = isWaveform ? max(1, Int((rate ?? 16000) / 100)) : 1
        samplesPerSecond = isWaveform ? rate : nil
        proofLength = 100 * samplesPerFrame
        planner = BatchPlanner(
            limits: BatchLimits(options).scaled(by: samplesPerFrame), padding: package.manifest.input.padding)
    }

    /// Settles every item of a part of features, or audio, in order.
    public func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        // Even after a failure, which shows best what does not fit.
        defer { opened?.memory.remember() }
        let rows = try part.items()
        var results = [ItemResult](repeating: .failed("the item holds no frames"), count: rows.count)
        if !rows.isEmpty {
            let tensors = try PartTensors(part, rows: rows, kind: package.manifest.input.kind)
            let used = rows.indices.filter { tensors.items[$0].length > 0 }
            context.advance(by: rows.count - used.count)
            for batch in planner.plan(lengths: used.map { tensors.items[$0].length }) {
                try context.checkStop()
                let places = batch.items.map { used[$0] }
                let items = places.map { tensors.items[$0] }
                let runner = try runner(for: items[0], length: batch.length, context)
                let began = MonotonicClock.now()
                let made = try runner.run(items, length: batch.length)
                let seconds = MonotonicClock.now() - began
                for (place, result) in zip(places, made) {
                    results[place] = result
                    tensors.release(rows[place].id)
                }
                context.events.record(
                    BatchRan(
                        part: part.name, items: items.count, length: batch.length,
                        used: items.reduce(0) { $0 + $1.length },
                        failed: made.count { if case .failed = $0 { true } else { false } }, seconds: seconds,
                        audioSeconds: audioSeconds(places.map { rows[$0] }, items), residentBytes: gauge.resident()))
                context.advance(by: items.count)
            }
        }
        if let opened { writer.memoryCuts = opened.memory.takeCuts() }
        try write(rows, results, into: writer)
    }

    private func write(_ rows: [LedgerRow], _ results: [ItemResult], into writer: PartWriter) throws(Fault) {
        for (row, result) in zip(rows, results) {
            switch result {
            case .failed(let message): try writer.reject(row.id, reason: "inference_failed", message: message)
            case .output(let members, let tensor):
                var row = row
                row.object[stage] = .object(members)
                guard let tensor else {
                    try writer.append(row)
                    continue
                }
                try writer.append(row, tensor: tensor.values, shape: tensor.shape)
            }
        }
    }

    /// The runner, with the model loaded, warmed up and checked against its known answer at the first call.
    private func runner(for item: ItemTensor, length: Int, _ context: RunContext) throws(Fault) -> BatchRunner {
        if let opened { return opened.runner }
        let began = MonotonicClock.now()
        let engine = try backend.open(package, options)
        let known = try KnownAnswer(of: package)
        let shape = known?.shape ?? (length: length, width: item.width)
        try engine.warmUp(length: shape.length, width: shape.width)
        try known?.check(engine)
        let proof = ModelProof(package, engine, planner)
        let proved = try proof.check(try known?.item() ?? item.beginning(of: proofLength))
        var figures = try engine.description()
        figures["padding"] = .string(proved)
        figures["seconds"] = .double((MonotonicClock.now() - began).rounded(decimals: 3))
        figures["resident_memory_bytes"] = .int(Int64(gauge.resident()))
        context.events.record(ModelLoaded("\(package.reference)", on: engine.place, figures: figures))
        let memory = try MemoryGuard(
            engine.memoryMeter(gauge), limits: MemoryGuard.Limits(options),
            memory: footprintFile.map { (path) throws(Fault) in FootprintFile(path, key: try engine.footprintKey()) },
            events: context.events)
        let runner = BatchRunner(engine, of: package, options: options, planner: planner, memory: memory)
        opened = (runner, memory)
        return runner
    }

    /// The duration of a batch's audio, from the ledger or the samples; `nil` if neither shows it.
    private func audioSeconds(_ rows: [LedgerRow], _ items: [ItemTensor]) -> Double? {
        if let cleanStage {
            let known = rows.compactMap { $0.object[cleanStage]?[LedgerKeys.seconds]?.double }
            if known.count == rows.count { return known.reduce(0, +) }
        }
        return samplesPerSecond.map { rate in items.reduce(0) { $0 + Double($1.length) } / rate }
    }
}

extension PartWriter {
    /// Settles the next item together with its tensor in `outputs.safetensors`.
    fileprivate func append(_ row: LedgerRow, tensor values: [Float], shape: [Int]) throws(Fault) {
        let result = values.withUnsafeBufferPointer { floats -> Result<Void, Fault> in
            do throws(Fault) {
                return .success(try append(row, tensor: TensorNames.outputs, shape: shape, floats: floats))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
