internal import JSON

/// A batch as the runs of its stages tell of it.
struct Night {
    /// How a batch stands, the worst of its stages first.
    enum State: String {
        case failed
        case heldBack = "held_back"
        case running, missing, stale, sealed
    }

    /// A stage of the batch; its run if there was one.
    struct Stage {
        let name: String
        let tool: String
        let run: RunRecord?
        let status: State
        /// Whether it was made from another version of what it reads than the one that is there now.
        let isStale: Bool
    }

    let batch: BatchID
    let stages: [Stage]
    let state: State
    /// Seconds of sound, where `clean` was counted.
    var audioSeconds: Double?

    /// - Parameter runs: the batch's runs; none for a night that never began.
    init(_ batch: BatchID, _ pipeline: PipelineRecord, _ runs: [RunRecord]) {
        self.batch = batch
        let byName = Dictionary(runs.map { ($0.stage, $0) }, uniquingKeysWith: { $1 })
        let known = pipeline.stages.map { (name: $0.name, tool: $0.tool) }
        // A stage that the pipeline no longer has, or whose pipeline is not on record: by when it began.
        let others = runs.filter { run in !known.contains { $0.name == run.stage } }
            .sorted { ($0.startedAt ?? "", $0.stage) < ($1.startedAt ?? "", $1.stage) }
            .map { (name: $0.stage, tool: $0.tool ?? $0.stage) }
        var stale: Set<String> = []
        stages = (known + others).map { stage in
            let run = byName[stage.name]
            let isStale =
                run?.status == State.sealed.rawValue
                && run?.inputs.contains { input in
                    stale.contains(input.stage) || (byName[input.stage].map { $0.version != input.version } ?? false)
                } == true
            if isStale { stale.insert(stage.name) }
            // What the table calls absent is missing to those who wait for it.
            let status = run.flatMap { State(rawValue: $0.status) } ?? .missing
            return Stage(name: stage.name, tool: stage.tool, run: run, status: status, isStale: isStale)
        }
        let worst: [State] = [.failed, .heldBack, .running, .missing]
        let found = stages.map(\.status)
        state = worst.first { found.contains($0) } ?? (stages.isEmpty ? .missing : stale.isEmpty ? .sealed : .stale)
    }

    /// The first stage of a status.
    func first(_ status: State) -> Stage? { stages.first { $0.status == status } }

    /// The models that judged it: `digits@3`.
    var model: String? {
        var models: [String] = []
        for model in stages.compactMap({ $0.run?.model }) where !models.contains(model) { models.append(model) }
        return models.isEmpty ? nil : models.joined(separator: ", ")
    }

    /// Recordings that came through to the last stage that was reached, and those that ended on the way.
    var items: Int? {
        let results = stages.filter { $0.tool == "infer" }.compactMap { $0.run?.items }
        return results.max() ?? stages.last { $0.tool != "store" && $0.run?.items != nil }?.run?.items
    }
    var rejected: Int? {
        let counts = stages.compactMap { $0.run?.rejected }
        return counts.isEmpty ? nil : counts.reduce(0, +)
    }

    var json: JSON {
        let seconds = stages.compactMap { $0.run?.seconds }
        return [
            "pipeline": .string(batch.pipeline), "batch": .string(batch.batch), "state": .string(state.rawValue),
            "model": JSON(model), "items": JSON(items), "rejected": JSON(rejected),
            "seconds": JSON(seconds.isEmpty ? nil : seconds.reduce(0, +)), "audio_seconds": JSON(audioSeconds),
            "finished_at": JSON(stages.compactMap { $0.run?.finishedAt }.max()),
            "stages": .array(stages.map(\.json)),
        ]
    }
}

extension Night.Stage {
    fileprivate var json: JSON {
        [
            "stage": .string(name), "tool": .string(tool),
            "version": JSON(run.flatMap { $0.version.isEmpty ? nil : $0.version }),
            "status": .string(status.rawValue), "items": JSON(run?.items), "rejected": JSON(run?.rejected),
            "seconds": JSON(run?.seconds), "peak_memory_bytes": JSON(run?.peakMemoryBytes),
            "bytes_in": JSON(run?.bytesIn), "bytes_out": JSON(run?.bytesOut), "started_at": JSON(run?.startedAt),
            "finished_at": JSON(run?.finishedAt), "fingerprint": JSON(run?.fingerprint), "is_stale": .bool(isStale),
            "summary": .object(run?.summary ?? [:]),
        ]
    }
}
