package import PipelineConfig
package import TorchModel

/// What `[infer]` says about running a model, typed.
package struct InferOptions: Sendable {
    /// Where the model runs: `auto`, `cpu`, `cuda` or `cuda:N`.
    package var device = "auto"
    /// What the model computes in. A compiled package keeps its own type; for it this says how near its known answer
    /// must be.
    package var precision = TorchModel.Precision.float32
    /// How many threads an operator uses; 0 leaves it to libtorch, which takes one per core.
    package var threads = 0
    /// The limits of a batch.
    package var limits = BatchLimits()
    /// How many labels go on the ledger; the best one stands apart in any case.
    package var top = 3
    /// The shares of memory at which batches are halved, and at which the run ends.
    package var memoryLimits = MemoryGuard.Limits(soft: 0.7, hard: 0.9)
    /// A bound in bytes on what may be resident, beside those of the machine and the system; `nil` for none.
    package var memoryLimit: Int?
    /// Tags below this score are left out.
    package var tagThreshold = 0.5

    /// The defaults.
    package init() {}

    /// Takes the options from a stage's configuration.
    package init(_ config: StageConfig) {
        device = config.string("device")
        precision = config.string("precision") == "bfloat16" ? .bfloat16 : .float32
        threads = config.int("threads")
        limits = BatchLimits(
            items: config.int("max_batch_items"), frames: config.int("max_batch_frames"),
            grid: config.int("frame_grid"))
        top = config.int("top")
        tagThreshold = config.double("tag_threshold")
        memoryLimits = MemoryGuard.Limits(soft: config.fraction("memory_soft"), hard: config.fraction("memory_hard"))
        memoryLimit = config.has("memory_limit") ? config.bytes("memory_limit") : nil
    }
}

/// How large a batch may be.
package struct BatchLimits: Sendable, Hashable {
    /// The most items.
    package var items = 16
    /// The most frames, padding included: what memory follows.
    package var frames = 16000
    /// The padded length is a multiple of this many frames, where padding is allowed. On the CPU each new shape leaves
    /// something in oneDNN's caches; few lengths keep resident memory flat.
    package var grid = 32
    /// How many frames of padding are worth one forward pass less: what a pass costs before it has computed anything.
    /// With 256, log-normal lengths of 1 to 30 s are padded by 3 % in batches of 8; filling every batch to 16 items
    /// padded them by 8 %.
    package var framesPerPass = 256

    /// The defaults.
    package init() {}

    /// Given limits.
    package init(items: Int, frames: Int, grid: Int, framesPerPass: Int = 256) {
        self.items = items
        self.frames = frames
        self.grid = grid
        self.framesPerPass = framesPerPass
    }

    /// The same limits in a finer unit: a frame of 10 ms is so many samples.
    package func scaled(by samplesPerFrame: Int) -> BatchLimits {
        BatchLimits(
            items: items,
            frames: frames.multipliedReportingOverflow(by: samplesPerFrame).overflow
                ? .max : frames * samplesPerFrame,
            grid: grid * samplesPerFrame, framesPerPass: framesPerPass * samplesPerFrame)
    }
}
