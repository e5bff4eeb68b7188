internal import Memory
package import PipelineConfig
internal import TorchModel

/// How large a batch may be.
package struct BatchLimits: Sendable, Hashable {
    /// The most items.
    package var items: Int
    /// The most frames, padding included: what memory follows.
    package var frames: Int
    /// The padded length is a multiple of this many frames, where padding is allowed.
    package var grid: Int
    /// How many frames of padding cost as much as a forward pass before it has computed anything. With 256, log-normal
    /// lengths of 1 to 30 s are padded by 3 % in batches of 8; filling every batch to 16 items padded them by 8 %.
    package var framesPerPass: Int

    /// Makes limits.
    package init(items: Int, frames: Int, grid: Int, framesPerPass: Int = 256) {
        self.items = items
        self.frames = frames
        self.grid = grid
        self.framesPerPass = framesPerPass
    }

    /// What a stage's section says.
    package init(_ config: InferConfig) {
        self.init(items: config.maxBatchItems, frames: config.maxBatchFrames, grid: config.frameGrid)
    }

    /// The same limits in a finer unit: a frame of 10 ms is this many samples.
    package func scaled(by samplesPerFrame: Int) -> BatchLimits {
        BatchLimits(
            items: items,
            frames: frames.multipliedReportingOverflow(by: samplesPerFrame).overflow
                ? .max : frames * samplesPerFrame,
            grid: grid * samplesPerFrame, framesPerPass: framesPerPass * samplesPerFrame)
    }
}

extension MemoryGuard.Limits {
    /// What a stage's section says.
    package init(_ config: InferConfig) { self.init(soft: config.memorySoft, hard: config.memoryHard) }
}

extension TorchModel.Precision {
    /// What a stage's section says.
    init(_ config: InferConfig) {
        switch config.precision {
        case .float32: self = .float32
        case .bfloat16: self = .bfloat16
        }
    }
}
