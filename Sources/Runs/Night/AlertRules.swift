public import Alerts
public import BatchFormat
internal import Digests
internal import Fault
internal import JSON
public import PipelineConfig
internal import StageRun
internal import Time

/// Decides which of a night's figures and endings are worth an alert. Reads and writes nothing.
public struct AlertRules: Sendable {
    private let pipeline: String
    private let batch: String
    private let config: AlertsConfig
    private let memoryLimit: Int

    /// The rules for a batch.
    ///
    /// - Parameter memoryLimit: the night's memory limit in bytes.
    public init(pipeline: String, batch: String, config: AlertsConfig, memoryLimit: Int) {
        self.pipeline = pipeline
        self.batch = batch
        self.config = config
        self.memoryLimit = memoryLimit
    }

    /// The alerts for a stage that ran, however it ended.
    public func alerts(of figures: StageFigures) -> [Alert] {
        var alerts = [memory(figures), slowBatch(figures)].compactMap { $0 }
        if figures.isHeld {
            alerts.append(alert(figures, .gateFailed, .critical, "\(figures.stage) \(figures.gateReason)"))
        } else if let low = successRate(figures) {
            // A version that a gate holds back for its rejections would be reported twice.
            alerts.append(low)
        }
        return alerts
    }

    /// The alert for a stage that failed by itself.
    ///
    /// - Parameter figures: the stage's state on disk.
    /// - Returns: `nil` for a stop by a signal, which is intentional.
    public func failure(_ ending: StageEnding, of figures: StageFigures?) -> Alert? {
        let status = ending.status
        if status.isDone || status.isStop { return nil }
        let isHeldBack = status.kind == .heldBack
        // A version that a gate holds back has an alert of its own.
        if isHeldBack, figures?.isHeld == true { return nil }
        let advice = ExitCodeAdvice(status, of: figures)
        let version = figures?.unfinished.map { "v\($0.number)" }
        // A service or a disk may fail in slightly different words each time (how long it waited, how much was free). Every
        // other failure stays until a person acts; other words are another failure.
        let isVague = status.isRetried || status.kind == .disk
        let words = isVague ? nil : String(Digest(of: ending.message.utf8).hex.prefix(8))
        return Alert(
            pipeline: pipeline, batch: batch, stage: ending.stage, version: version,
            kind: isHeldBack ? .gateFailed : .stageFailed,
            severity: status.isRetried || ending.isWaiting ? .warning : .critical,
            cause: [figures?.unfinished?.cause, "exit-\(status.code)", words].compactMap { $0 }
                .joined(separator: "-"),
            message: "\(ending.stage) ended with exit code \(status.code): \(ending.message); \(advice.remedy)",
            detail: ["exit_code": .int(Int64(status.code)), "retried": .bool(status.isRetried)])
    }

    /// The alert for a night that could not begin: its stages have not run.
    func notBegun(_ fault: Fault) -> Alert {
        let status = ToolExit(fault.kind)
        return Alert(
            pipeline: pipeline, batch: batch, kind: .stageFailed, severity: .critical,
            cause: "exit-\(status.code)",
            message: "the night did not begin, exit code \(status.code): \(fault); \(status.remedy)",
            detail: ["exit_code": .int(Int64(status.code)), "retried": .bool(status.isRetried)])
    }

    /// The alert for a late night.
    ///
    /// - Parameters:
    ///   - due: when the results were due, in seconds since 1970.
    ///   - missing: what is still missing; `nil` if the results came later.
    public func late(due: Double, missing: String?) -> Alert {
        let message =
            missing.map { "are missing: \($0)" } ?? "were late"
        return Alert(
            pipeline: pipeline, batch: batch, kind: .nightLate, severity: missing == nil ? .warning : .critical,
            cause: "due-\(WallClock.text(due))",
            message: "the results of \(batch), due at \(WallClock.text(due)), \(message)",
            detail: ["due": .string(WallClock.text(due))])
    }

    // MARK: - The rules

    private func memory(_ figures: StageFigures) -> Alert? {
        if let event = (figures.unfinished?.log.memory ?? []).first ?? figures.log.memory.first {
            var detail: JSONObject = ["event": .string(type(of: event).name)]
            for (name, value) in event.members.members { detail[name] = value }
            return alert(figures, .memory, .warning, event.message, detail)
        }
        let resident = figures.log.batches.compactMap(\.residentMemoryBytes).max() ?? 0
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
            "\(figures.stage) kept \(seal.items) of \(seal.settled) items, fewer than alerts.min_success_rate allows",
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
            let (frames, overflow) = batch.items.multipliedReportingOverflow(by: batch.length)
            guard !overflow, let found = rule.judge(frames: frames, seconds: batch.seconds) else { continue }
            slow.append((found, batch.part))
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
        // Alerts about the run name the unfinished version; those about the result name the version shown.
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
