internal import JSON

/// A batch as described by the runs of its stages: its state is that of the newest runs, its figures are those of its
/// results, which may be from an earlier run.
struct Night {
    /// The state of a batch, that of its worst stage first.
    enum State: String {
        case failed
        case heldBack = "held_back"
        case running, missing, stale, sealed
    }

    /// A stage of the batch.
    struct Stage {
        let name: String
        let tool: String
        /// Its newest run, if any.
        let run: RunRecord?
        /// The run behind the batch's results; `nil` if they contain nothing of this stage.
        let result: RunRecord?
        let status: State
        /// Whether it was made from a version of its input that is not the accepted one now.
        let isStale: Bool

        /// The version that is pinned although there is a newer one.
        var pinnedBack: String? { run?.summary["pinned"]?.string.flatMap { $0 == run?.version ? nil : $0 } }
    }

    let batch: BatchID
    let stages: [Stage]
    let state: State
    /// Seconds of audio, if counted in `clean`.
    var audioSeconds: Double?

    /// - Parameter runs: the batch's runs; empty for a night that never began.
    init(_ batch: BatchID, _ pipeline: PipelineRecord, _ runs: [RunRecord]) {
        self.batch = batch
        let byName = Dictionary(runs.map { ($0.stage, $0) }, uniquingKeysWith: { $1 })
        let results = Dictionary(runs.ofResults.map { ($0.stage, $0) }, uniquingKeysWith: { $1 })
        let known = pipeline.stages.map { (name: $0.name, tool: $0.tool) }
        // Stages that are not in the pipeline's record, ordered by their start.
        let others = runs.filter { run in !known.contains { $0.name == run.stage } }
            .sorted { ($0.startedAt ?? "", $0.stage) < ($1.startedAt ?? "", $1.stage) }
            .map { (name: $0.stage, tool: $0.tool ?? $0.stage) }
        var stale: Set<String> = []
        stages = (known + others).map { stage in
            let run = byName[stage.name]
            let isStale =
                run?.status == State.sealed.rawValue
                && run?.inputs.contains { input in
                    stale.contains(input.stage) || (byName[input.stage].map { $0.accepted != input.version } ?? false)
                } == true
            if isStale { stale.insert(stage.name) }
            let status = run.map(Self.status) ?? .missing
            return Stage(
                name: stage.name, tool: stage.tool, run: run, result: results[stage.name], status: status,
                isStale: isStale)
        }
        let worst: [State] = [.failed, .heldBack, .running, .missing]
        let found = stages.map(\.status)
        state = worst.first { found.contains($0) } ?? (stages.isEmpty ? .missing : stale.isEmpty ? .sealed : .stale)
    }

    private static func status(of run: RunRecord) -> State {
        // What the table calls absent is missing to those who wait for it.
        let status = State(rawValue: run.status) ?? .missing
        // A stage that ended because of another one did not fail: the other one is what is to be looked at.
        return status == .failed && run.because != nil ? .missing : status
    }

    /// The first stage with a status.
    func first(_ status: State) -> Stage? { stages.first { $0.status == status } }

    /// The models used: `digits@3`.
    var model: String? {
        var models: [String] = []
        for model in stages.compactMap({ $0.result?.model }) where !models.contains(model) { models.append(model) }
        return models.isEmpty ? nil : models.joined(separator: ", ")
    }

    /// The recordings that reached the last stage, and those rejected before it.
    var items: Int? {
        let results = stages.filter { $0.tool == "infer" }.compactMap { $0.result?.items }
        return results.max() ?? stages.last { $0.tool != "store" && $0.result?.items != nil }?.result?.items
    }
    var rejected: Int? {
        let counts = stages.compactMap { $0.result?.rejected }
        return counts.isEmpty ? nil : counts.reduce(0, +)
    }

    var json: JSON {
        let seconds = stages.compactMap { $0.result?.seconds }
        return [
            "pipeline": .string(batch.pipeline), "batch": .string(batch.batch), "state": .string(state.rawValue),
            "model": JSON(model), "items": JSON(items), "rejected": JSON(rejected),
            "seconds": JSON(seconds.isEmpty ? nil : seconds.reduce(0, +)), "audio_seconds": JSON(audioSeconds),
            "finished_at": JSON(stages.compactMap { $0.result?.finishedAt }.max()),
            "stages": .array(stages.map(\.json)),
        ]
    }
}

extension Night.Stage {
    /// The newest run's figures, with those of the loaded version if that is a different one.
    fileprivate var json: JSON {
        var object: JSONObject = [
            "stage": .string(name), "tool": .string(tool), "status": .string(status.rawValue),
            "is_stale": .bool(isStale), "pinned": run?.summary["pinned"] ?? .null,
        ]
        Self.write(run, to: &object)
        object["loaded"] = .null
        if let run, !run.isLoaded, let loaded = run.loaded {
            var figures: JSONObject = ["model": JSON(loaded.model)]
            Self.write(loaded, to: &figures)
            object["loaded"] = .object(figures)
        }
        return .object(object)
    }

    private static func write(_ run: RunRecord?, to object: inout JSONObject) {
        object["version"] = JSON(run.flatMap { $0.version.isEmpty ? nil : $0.version })
        object["items"] = JSON(run?.items)
        object["rejected"] = JSON(run?.rejected)
        object["seconds"] = JSON(run?.seconds)
        object["peak_memory_bytes"] = JSON(run?.peakMemoryBytes)
        object["memory_limit_bytes"] = JSON(run?.summary["memory_limit_bytes"]?.int)
        object["bytes_in"] = JSON(run?.bytesIn)
        object["bytes_out"] = JSON(run?.bytesOut)
        object["started_at"] = JSON(run?.startedAt)
        object["finished_at"] = JSON(run?.finishedAt)
        object["fingerprint"] = JSON(run?.fingerprint)
        var summary = run?.summary ?? [:]
        summary["loaded"] = nil
        object["summary"] = .object(summary)
    }
}
