/// `[infer]`: the model and how to run it.
///
/// Scores are the same, byte for byte, only for one kind of processor, thread count and batching; so these change
/// bytes, in the form that the stage resolves them to (`auto` and 0 are not part of a part's key).
public struct InferConfig: StageSettings {
    package static let tool = StageTool.infer

    @Key(.tool(.infer))
    private var runner: StageTool

    @Key(.input(of: .infer))
    package var input: [String]

    @Key(
        "model", .text(.model), required: "", changesBytes: true,
        "The model package: `NAME@VERSION` or `NAME@ALIAS`")
    package var model: String

    @Key(
        "device", .text(.device), default: "auto", changesBytes: true,
        "Where the model runs: `auto`, `cpu`, `cuda` or `cuda:N`; `auto` is a GPU if there is one")
    package var device: String

    /// The number type of the model's computation.
    package enum Precision: String, ConfigWord { case float32, bfloat16 }

    @Key("precision", .word(), default: .float32, changesBytes: true, "The number type of the model's computation")
    package var precision: Precision

    @Key(
        "threads", .int(0...1024), default: 0, changesBytes: true,
        "How many threads a forward pass uses; 0 is one per core")
    package var threads: Int

    @Key("max_batch_items", .int(1...65_536), default: 16, changesBytes: true, "The most items in a batch")
    package var maxBatchItems: Int

    // On a CPU more frames at once are not faster: a model of 2 million parameters took 10.5 s with 2,000 to 16,000,
    // and 390 MiB with the fewest, 1,160 MiB with the most.
    @Key(
        "max_batch_frames", .int(1...1_000_000_000), default: 4000, changesBytes: true,
        "The most frames in a batch, padding included, which determines memory use; a `waveform` counts one per 10 ms")
    package var maxBatchFrames: Int

    // On the CPU each new shape adds to oneDNN's caches.
    @Key(
        "frame_grid", .int(1...65_536), default: 32, changesBytes: true,
        "A batch is padded to a multiple of this many frames, where the model allows padding: "
            + "few lengths keep memory flat")
    package var frameGrid: Int

    @Key(
        "tag_threshold", .number(0...1), default: 0.5, changesBytes: true,
        "Tags with at least this score are recorded in the ledger")
    package var tagThreshold: Double

    @Key(
        "top", .int(0...1000), default: 3, changesBytes: true,
        "How many labels, best first, are recorded besides the best; 0 for none")
    package var top: Int

    @Key(
        "memory_soft", .percentage, default: 0.7,
        "Above this share of the machine's memory, the control group's limit, `RLIMIT_DATA`, `RLIMIT_AS`, "
            + "`memory_limit` or the device's memory, whichever is nearest, raises an alert and halves batches")
    package var memorySoft: Double

    @Key(
        "memory_hard", .percentage, default: 0.9,
        "Above this share, the stage stops with 75 before the kernel kills it; a rerun continues after the sealed parts"
    )
    package var memoryHard: Double

    @Key(
        "memory_limit", .byteSize(1 ... .max), example: "\"8 GiB\"",
        "A limit on the stage's own resident memory, in addition to those of the system")
    package var memoryLimit: Int?

    @Key(.minItems(default: 0))
    package var minItems: Int

    @Key(.maxRejectRatio)
    package var maxRejectRatio: Double

    @Key(.followWait)
    package var followWait: Double?

    package init() {}

    package var contradiction: Contradiction? {
        guard memorySoft > memoryHard else { return nil }
        return Contradiction($memorySoft, "is more than memory_hard: there would be no warning")
    }
}
