internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import Memory

/// How much memory a night's stages take when all run concurrently, estimated from their last runs.
struct MemoryNeed {
    /// Bytes.
    let bytes: Int

    /// The estimate for a stage that has never run here.
    private static let unknown = 256 << 20
    /// The share of the limit that a night may plan with; the rest is for a night larger than the last.
    private static let share = 0.75
    /// How many batches to check: the newest may contain only a failed night.
    private static let batches = 3

    /// Checks the newest batches of a pipeline.
    init(of steps: [NightPlan.Step], in address: BatchAddress) {
        let names = (try? Folders.names(in: address.pipelineFolder)) ?? []
        let batches = names.compactMap {
            try? BatchAddress(root: address.root, pipeline: address.pipeline, batch: $0)
        }
        let newest = batches.suffix(Self.batches)
        bytes = steps.reduce(0) { sum, step in
            let peaks = newest.compactMap { batch in
                (try? batch.stage(step.stage)).flatMap(Self.peak)
            }
            return sum + (peaks.max() ?? Self.unknown)
        }
    }

    /// Whether that much is available: on this machine, in our control group, and under this process's limits.
    var fits: Bool { MemoryGauge().limit().map { Double(bytes) <= Self.share * Double($0) } ?? true }

    private static func peak(of stage: StageFolder) -> Int? {
        stage.current().flatMap { try? VersionReader(stage.version($0)) }?.seal.run.peakMemoryBytes
    }
}
