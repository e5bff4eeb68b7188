internal import BatchFormat
public import Fault
internal import JSON
public import PipelineConfig
internal import StageRun
internal import Time

/// Whether a batch's results were complete when they were due.
public struct Lateness: Sendable {
    private let config: PipelineConfig
    private let name: String
    private let root: String

    /// Prepares to check a pipeline's batches.
    public init(_ config: PipelineConfig, name: String, root: String) {
        self.config = config
        self.name = name
        self.root = root
    }

    /// When a batch is due; `nil` without a schedule, and for batches that are not named by a day.
    public func due(_ batch: String) -> Double? { config.schedule?.due(ofBatch: batch) }

    /// Whether a run that just ended must report its night as late: its results were due, they were incomplete by then,
    /// and it is the schedule's current night. A backfill of last month is not late.
    func isLate(_ batch: String, began: Double, now: Double) throws(Fault) -> Double? {
        guard let schedule = config.schedule, let due = due(batch), now > due,
            began <= due || batch == schedule.batch(now: began)
        else { return nil }
        return try wasThere(batch, by: due) ? nil : due
    }

    /// What is missing of the batch due by now; `nil` if nothing is, or if nothing is due.
    public func missing(now: Double) throws(Fault) -> (batch: String, due: Double, state: String)? {
        guard let (batch, due) = newestDue(now: now), let state = try unready(batch) else { return nil }
        return (batch, due, state)
    }

    /// The newest batch that is due; `nil` without a schedule.
    func newestDue(now: Double) -> (batch: String, due: Double)? {
        guard let batch = config.schedule?.newestDueBatch(now: now), let due = due(batch) else { return nil }
        return (batch, due)
    }

    /// The first stage without results to show, and why; `nil` if all have results.
    func unready(_ batch: String) throws(Fault) -> String? {
        for stage in config.stages {
            let folder = try BatchAddress(root: root, pipeline: name, batch: batch).stage(stage.stage)
            if folder.held() != nil, folder.sealedPin() == nil { return "\(stage.stage) is held back" }
            guard let current = folder.current(), folder.isSealed(current) else {
                return try folder.versions().isEmpty
                    ? "\(stage.stage) has not started" : "\(stage.stage) has no sealed version"
            }
        }
        return nil
    }

    /// Whether every stage had, by then, a version that is not held back.
    private func wasThere(_ batch: String, by due: Double) throws(Fault) -> Bool {
        let moment = WallClock.text(due)
        for stage in config.stages {
            let folder = try BatchAddress(root: root, pipeline: name, batch: batch).stage(stage.stage)
            let held = folder.held()
            let inTime = try folder.versions().contains { number in
                guard number != held, let seal = try? VersionReader(folder.version(number)).seal,
                    let finished = seal.run.finishedAt
                else { return false }
                // Both are RFC 3339 in UTC with milliseconds, which sort as text.
                return finished <= moment
            }
            if !inTime { return false }
        }
        return true
    }
}
