import JSON
import TOMLText

extension SectionSchema {
    /// `[infer]`: the model and how it is run.
    ///
    /// Scores are the same, byte for byte, for one kind of processor, thread count and batching only; so these are
    /// result-bearing, as the stage resolves them (`auto` and 0 are not what enters a part's key).
    package static let infer = SectionSchema(
        CommonKeys.wiring(tool: .infer) + [
            KeySchema(
                "model", .text(.model), required: true, bearing: true,
                "The model package: `NAME@VERSION` or `NAME@ALIAS`"),
            KeySchema(
                "device", .text(.device), default: "auto", bearing: true,
                "Where the model runs: `auto`, `cpu`, `cuda` or `cuda:N`; `auto` is a GPU if there is one"),
            KeySchema(
                "precision", .oneOf(["float32", "bfloat16"]), default: "float32", bearing: true,
                "What the model computes in"),
            KeySchema(
                "threads", .int(0...1024), default: 0, bearing: true,
                "How many threads a forward pass uses; 0 is one per core"),
            KeySchema(
                "max_batch_items", .int(1...65_536), default: 16, bearing: true, "The most items in a batch"),
            KeySchema(
                "max_batch_frames", .int(1...1_000_000_000), default: 16000, bearing: true,
                "The most frames in a batch, padding included: what memory follows; a `waveform` counts one per 10 ms"),
            KeySchema(
                "frame_grid", .int(1...65_536), default: 32, bearing: true,
                "A batch is padded to a multiple of this many frames, where the model allows padding: "
                    + "few lengths keep memory flat"),
            KeySchema(
                "tag_threshold", .number(0...1), default: 0.5, bearing: true,
                "Tags with at least this score go on the ledger"),
            KeySchema(
                "top", .int(0...1000), default: 3, bearing: true,
                "How many labels, best first, go on the ledger beside the best; 0 for none"),
            KeySchema(
                "memory_soft", .percentage, default: "70%",
                "Above this share of the machine's memory, the control group's limit, `RLIMIT_DATA`, `RLIMIT_AS`, "
                    + "`memory_limit` or the device's memory, whichever is nearest: an alert, and halved batches"),
            KeySchema(
                "memory_hard", .percentage, default: "90%",
                "Above this share: stop with 75 before the kernel kills; a rerun goes on behind the sealed parts"),
            KeySchema(
                "memory_limit", .byteSize(1 ... .max),
                "A bound on the stage's own resident memory, beside those of the system"),
            CommonKeys.minItems(default: 0),
            CommonKeys.maxRejectRatio,
            CommonKeys.followWait,
        ]
    ) { values in
        guard let soft = values["memory_soft"]?.double, let hard = values["memory_hard"]?.double, soft > hard else {
            return nil
        }
        return Contradiction(key: "memory_soft", message: "is more than memory_hard: there would be no warning")
    }
}
