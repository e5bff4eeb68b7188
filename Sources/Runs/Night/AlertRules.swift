public import Alerts
internal import BatchFormat
internal import JSON
public import PipelineConfig
internal import StageRun
internal import Time

/// Decides what of a night's figures somebody should know. Reads and writes nothing.
public struct AlertRules: Sendable {
    private let pipeline: String
    private let batch: String
    private let config: AlertsConfig
    private let memoryLimit: Int

    /// The rules for a batch.
    ///
    /// - Parameter memoryLimit: bytes of memory that the night may have.
    public init(pipeline: String, batch: String, config: AlertsConfig, memoryLimit: Int) {
        self.pipeline = pipeline
        self.batch = batch
        self.config = config
        self.memoryLimit = memoryLimit
    }

    /// What is the matter with a stage that ran, however it ended.
    public func alerts(of figures: StageFigures) -> [Alert] {
        var alerts = [memory(figures), slowBatch(figures)].compactMap { $0 }
        if figures.isHeld {
            let reason = figures.log.gateReason ?? "v\(figures.number ?? 0) held back by a gate"
            alerts.append(alert(figures, .gateFailed, .critical, "\(figures.stage) \(reason)"))
        } else if let low = successRate(figures) {
            // A version that a gate holds back for its rejections would be told twice.
            alerts.append(low)
        }
        return alerts
    }

    /// The failure that ended the night.
    ///
    /// - Parameters:
    ///   - stage: the stage that failed; `nil` if none began.
    ///   - code: its exit code; a stop by a signal is somebody's wish, and no alert.
    public func failure(of stage: StageFigures?, name: String?, code: Int32) -> Alert? {
        if [0, 130, 143].contains(code) { return nil }
        // Held back by a gate: told by the version itself.
        if code == 10, stage?.isHeld == true { return nil }
        let advice = ExitCodeAdvice(code, of: stage)
        let reason = stage?.unfinished?.log.failure ?? stage.flatMap { $0.seal == nil ? $0.log.failure : nil }
        let version = stage?.unfinished.map { "v\($0.number)" }
        return Alert(
            pipeline: pipeline, batch: batch, stage: name, version: version,
            kind: code == 10 ? .gateFailed : .stageFailed,
            severity: advice.isRetried ? .warning : .critical,
            cause: [stage?.unfinished?.cause, "exit-\(code)"].compactMap { $0 }.joined(separator: "-"),
            message:
                "\(name ?? "the night") ended with exit code \(code): \(reason ?? advice.meaning); \(advice.remedy)",
            detail: ["exit_code": .int(Int64(code)), "retried": .bool(advice.isRetried)])
    }

    /// The night that is late.
    ///
    /// - Parameters:
    ///   - due: when the results were due, in seconds since 1970.
    ///   - missing: what is not there even now; `nil` if the results came after all.
    public func late(due: Double, missing: String?) -> Alert {
        let message =
            missing.map { "are not there: \($0)" } ?? "were not there in time; they came later"
        return Alert(
            pipeline: pipeline, batch: batch, kind: .nightLate, severity: missing == nil ? .warning : .critical,
            cause: "due-\(WallClock.text(due))",
            message: "the results of \(batch), due at \(WallClock.text(due)), \(message)",
            detail: ["due": .string(WallClock.text(due))])
    }

    // MARK: - The rules

    private func memory(_ figures: StageFigures) -> Alert? {
        if let event = (figures.unfinished?.log.memory ?? []).first ?? figures.log.memory.first {
            var detail = event
            for name in ["time", "level", "message"] { detail[name] = nil }
            return alert(figures, .memory, .warning, event["message"]?.string ?? "memory is short", detail)
        }
        let resident = figures.log.batches.compactMap { $0["resident_memory_bytes"]?.int }.max() ?? 0
        let peak = max(resident, figures.peakMemoryBytes ?? 0)
        guard memoryLimit > 0, Double(peak) >= config.memory * Double(memoryLimit) else { return nil }
        let share = (Double(peak) / Double(memoryLimit) * 100).rounded(decimals: 1)
        return alert(
            figures, .memory, .warning,
            "\(figures.stage) used \(peak >> 20) MiB of memory, \(share) % of the \(memoryLimit >> 20) MiB that it may",
            ["peak_memory_bytes": .int(Int64(peak)), "limit_bytes": .int(Int64(memoryLimit))])
    }

    private func successRate(_ figures: StageFigures) -> Alert? {
        guard let seal = figures.seal, seal.settled > 0 else { return nil }
        let rate = Double(seal.items) / Double(seal.settled)
        guard rate < config.minSuccessRate else { return nil }
        var reasons = JSONObject()
        for (reason, count) in seal.rejectedByReason { reasons[reason] = .int(Int64(count)) }
        return alert(
            figures, .successRate, .warning,
            "\(figures.stage) kept \(seal.items) of \(seal.settled) items, fewer than alerts.min_success_rate asks for",
            [
                "success_rate": .double(rate.rounded(decimals: 4)), "items_in": .int(Int64(seal.itemsIn)),
                "items": .int(Int64(seal.items)), "rejected_by_reason": .object(reasons),
            ])
    }

    private func slowBatch(_ figures: StageFigures) -> Alert? {
        guard config.slowBatch > 0 else { return nil }
        var rule = SlowBatchRule(factor: config.slowBatch, leastSeconds: config.slowBatchLeast)
        var slow: [(batch: SlowBatchRule.SlowBatch, part: String)] = []
        for batch in figures.unfinished?.log.batches ?? figures.log.batches {
            guard let items = batch["items"]?.int, let length = batch["length"]?.int,
                let seconds = batch["seconds"]?.double
            else { continue }
            let (frames, overflow) = items.multipliedReportingOverflow(by: length)
            guard !overflow, let found = rule.judge(frames: frames, seconds: seconds) else { continue }
            slow.append((found, batch["part"]?.string ?? "?"))
        }
        guard let worst = slow.max(by: { $0.batch.factor < $1.batch.factor }) else { return nil }
        let factor = worst.batch.factor.rounded(decimals: 1)
        return alert(
            figures, .slowBatch, .warning,
            "\(slow.count) slow in \(figures.stage): a batch of \(worst.part) took \(worst.batch.seconds.rounded(decimals: 2)) s, "
                + "\(factor) times the median of its size",
            [
                "slow_batches": .int(Int64(slow.count)), "part": .string(worst.part),
                "seconds": .double(worst.batch.seconds),
                "median_seconds": .double(worst.batch.median.rounded(decimals: 6)),
                "factor": .double(factor),
            ])
    }

    private func alert(
        _ figures: StageFigures, _ kind: Alert.Kind, _ severity: Alert.Severity, _ message: String,
        _ detail: JSONObject = [:]
    ) -> Alert {
        // What concerns the run is named by the version in work; what concerns the result, by the one shown.
        let isOfRun = kind == .memory || kind == .slowBatch
        let (number, cause) =
            isOfRun
            ? (figures.unfinished?.number ?? figures.number, figures.unfinished?.cause ?? figures.cause)
            : (figures.number, figures.cause)
        return Alert(
            pipeline: pipeline, batch: batch, stage: figures.stage, version: number.map { "v\($0)" }, kind: kind,
            severity: severity, cause: cause, message: message, detail: detail)
    }
}
