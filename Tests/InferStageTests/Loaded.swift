import InferStage
import JSON
import Memory
import Models
import PipelineConfig
import StageRun
import TestModels
import TorchModel

/// A fixture's model, loaded, with a runner for it.
struct Loaded {
    let engine: TorchEngine
    let runner: BatchRunner
    let memory: MemoryGuard
    let log = TestLog()

    /// - Parameters:
    ///   - folder: the models folder.
    ///   - library: a libtorch other than the real one.
    ///   - gauge: reads the memory limits of this process.
    init(
        _ name: String, in folder: String = ModelFixtures.folder, on device: String = "cpu",
        library: TorchLibrary? = nil, gauge: MemoryGauge = MemoryGauge()
    ) throws {
        var options = InferConfig()
        options.device = device
        let package = try ModelPackage("\(name)@1", in: ModelRegistry(folder: folder))
        engine = try TorchEngine(package, options: options, library: library ?? ModelFixtures.library.get())
        try engine.warmUp(length: 16, width: 4)
        let log = log
        memory = try MemoryGuard(
            engine.memoryMeter(gauge), limits: MemoryGuard.Limits(options), memory: nil,
            events: EventLog { log.append($0) })
        runner = BatchRunner(
            engine, of: package, options: options,
            planner: BatchPlanner(limits: BatchLimits(items: 16, frames: 16000, grid: 1), padding: .masked),
            memory: memory)
    }

    func run(_ clips: [Clip], length: Int) throws -> [ItemResult] {
        let memory = clips.map { clip -> UnsafeMutableBufferPointer<Float> in
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: clip.values.count)
            _ = buffer.initialize(from: clip.values)
            return buffer
        }
        defer { memory.forEach { $0.deallocate() } }
        let items = zip(clips, memory).map { clip, values in
            ItemTensor(length: clip.shape[0], width: 4, values: UnsafeBufferPointer(values))
        }
        return try runner.run(items, length: length)
    }
}

extension ItemResult {
    var score: Double? { if case .output(let members, _) = self { members["score"]?.double } else { nil } }
    var failure: String? { if case .failed(let message) = self { message } else { nil } }
}
