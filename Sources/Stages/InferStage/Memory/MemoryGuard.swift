package import BatchFormat
package import Fault
internal import JSON
internal import Memory
package import StageRun

/// Cuts batches so that they fit into memory, and ends the run before the kernel would.
///
/// Before each batch its size is predicted from what batches of this model have taken on this machine, tonight or on
/// earlier nights; before the first ever, a few items are run to measure. Below the soft limit a batch is cut so that
/// it is expected to stay there. Above it, an event that becomes an alert is recorded, and batches are halved. Above
/// the hard limit the run ends; sealed parts stay, and a rerun continues after them.
package final class MemoryGuard {
    /// Shares of a limit.
    package struct Limits: Sendable {
        /// Above it, batches are halved.
        package var soft: Double
        /// Above it, the run ends.
        package var hard: Double

        /// Sets both, from 0 to 1.
        package init(soft: Double, hard: Double) {
            self.soft = soft
            self.hard = hard
        }
    }

    private let meter: any MemoryMeter
    private let limits: Limits
    private let events: EventLog
    private let memory: FootprintFile?
    /// The limits with the model just loaded.
    private let loaded: [MemoryGauge.Reading]
    private let limitBytes: Int?
    private let base: Int
    private var footprints: BatchFootprints
    private var remembered: BatchFootprints
    private var hasWarned = false
    private var cuts = MemoryCuts()
    /// The current batch: its items, and how many of them may currently go together.
    private var batch = (items: 0, most: 0)

    /// - Parameters:
    ///   - meter: read now, with the model loaded: what is in use now is not the batches'.
    ///   - memory: where footprints are kept between runs, if anywhere.
    package init(_ meter: any MemoryMeter, limits: Limits, memory: FootprintFile?, events: EventLog) throws(Fault) {
        self.meter = meter
        self.limits = limits
        self.events = events
        self.memory = memory
        // What loading leaves behind belongs neither to the model nor to the batches.
        try meter.giveBack()
        loaded = try meter.bounds()
        limitBytes = Self.ofBatches(loaded).map(\.limit).min()
        base = try meter.held()
        footprints = memory?.read(limit: limitBytes) ?? BatchFootprints()
        remembered = footprints
    }

    /// How many of `count` items, each padded to `length`, may go through the model together now.
    ///
    /// Throws above the hard limit: `.retryLater`, or `.configuration` if the model alone fills a limit of this
    /// process.
    ///
    /// - Parameter trial: runs a number of the items and discards the results; false if they did not fit.
    package func most(
        of count: Int, length: Int, trial: (Int) throws(Fault) -> Bool
    ) throws(Fault) -> Int {
        var bounds = try meter.bounds()
        let isShort = try isShort(&bounds, length: length)
        if !isShort, footprints.bytesPerItem.isEmpty {
            try calibrate(count: count, length: length, trial)
            bounds = try meter.bounds()
        }
        var most = min(count, footprints.ceiling(of: length) ?? count)
        if isShort { most = (most + 1) / 2 }
        if let each = footprints.bytes(perItemOf: length) {
            most = min(most, try room(in: bounds, until: isShort ? limits.hard : limits.soft) / each)
        }
        most = max(1, most)
        if most < count {
            events.record(BatchCut(items: count, length: length, most: most))
        }
        countCut()
        batch = (count, most)
        return most
    }

    /// Learns from a batch that ran.
    package func ran(items: Int, length: Int) throws(Fault) {
        // The peak may be another batch's; this one then took no more.
        footprints.ran(items: items, length: length, bytes: max(0, try meter.peak() - base))
    }

    /// Learns from a batch that did not fit, and frees memory.
    package func didNotFit(items: Int, length: Int) throws(Fault) {
        footprints.failed(items: items, length: length)
        try meter.giveBack()
    }

    /// Records that a batch that did not fit is halved.
    package func halved(items: Int, length: Int, reason: String) {
        batch.most = min(batch.most, (items + 1) / 2)
        events.record(BatchHalved(items: items, length: length, reason: reason))
    }

    /// The batches cut since the last call, which are those of one part.
    package func takeCuts() -> MemoryCuts {
        countCut()
        defer { cuts = MemoryCuts() }
        return cuts
    }

    private func countCut() {
        if batch.most < batch.items { cuts.note(batch.items, to: batch.most) }
        batch = (0, 0)
    }

    /// Stores what was learnt, for the next run.
    package func remember() {
        guard footprints != remembered, let memory else { return }
        remembered = footprints
        if !memory.write(footprints, limit: limitBytes) {
            events.record(FootprintsNotKept("the batches' footprints cannot be stored"))
        }
    }

    /// Runs some items only to measure their footprint: one, then twice as many, until all are known to fit or the peak
    /// has risen, which makes the footprint exact.
    private func calibrate(
        count: Int, length: Int, _ trial: (Int) throws(Fault) -> Bool
    ) throws(Fault) {
        let before = try meter.peak()
        var items = 1
        while items < count {
            guard try trial(items) else { return }
            try ran(items: items, length: length)
            let each = footprints.bytes(perItemOf: length) ?? .max
            let room = try room(in: meter.bounds(), until: limits.soft)
            let peak = try meter.peak()
            if each <= room / count || peak > before { return }
            items *= 2
        }
    }

    /// The bytes a batch may take until a share of a limit is in use: what is free, and what earlier batches have
    /// freed.
    private func room(in bounds: [MemoryGauge.Reading], until share: Double) throws(Fault) -> Int {
        let left = max(0, try meter.held() - base)
        return Self.ofBatches(bounds).map { bound in
            // Freed blocks are reused, but a larger one needs its own address space beside them.
            let reusable = bound.bound == .dataLimit || bound.bound == .addressSpaceLimit ? 0 : left
            return max(0, bound.room(until: share) + reusable)
        }.min() ?? .max
    }

    /// The limits that apply to batches. On a GPU that is only its memory: of the machine's memory they take no more
    /// than their input.
    private static func ofBatches(_ bounds: [MemoryGauge.Reading]) -> [MemoryGauge.Reading] {
        let device = bounds.filter { $0.bound == .device }
        return device.isEmpty ? bounds : device
    }

    /// Whether the soft limit is reached; throws if the hard one is.
    ///
    /// - Parameter bounds: the current readings; read again if memory was released.
    private func isShort(_ bounds: inout [MemoryGauge.Reading], length: Int) throws(Fault) -> Bool {
        guard let before = bounds.nearest, before.share >= limits.soft else { return false }
        try meter.giveBack()
        bounds = try meter.bounds()
        guard let nearest = bounds.nearest, nearest.share >= limits.soft else { return false }
        let used =
            "\(nearest.bound) is \(Int(nearest.share * 100)) % used (\(nearest.used >> 20) of \(nearest.limit >> 20) MiB)"
        let need = need(of: nearest, length: length)
        guard nearest.share < limits.hard else {
            events.record(MemoryHard(used, usedBytes: nearest.used, limitBytes: nearest.limit))
            throw stopped(used, nearest, need)
        }
        if !hasWarned {
            let more = nearest.bound.isOfThisProcess ? need.map { "; \($0)" } ?? "" : ""
            events.record(MemorySoft(used, need: more, usedBytes: nearest.used, limitBytes: nearest.limit))
            hasWarned = true
        }
        return true
    }

    /// The fault that ends the run at the hard limit.
    private func stopped(_ used: String, _ bound: MemoryGauge.Reading, _ need: String?) -> Fault {
        let hard = "\(used), and infer.memory_hard is \(Int(limits.hard * 100)) %"
        guard let need, let loaded = atLoading(bound), loaded.share >= limits.hard else {
            return Fault(
                .retryLater,
                "\(hard): stopped before running out; sealed parts stay; run this again when there is more memory, or "
                    + "lower infer.max_batch_frames")
        }
        // If it is this process alone, the next try will end the same way; other processes may have freed memory by
        // then.
        return Fault(
            bound.bound.isOfThisProcess ? .configuration : .retryLater, "\(hard): \(need); smaller batches do not help")
    }

    /// What was in use before the first batch, and how high the limit should be; `nil` if that was below the soft
    /// limit.
    private func need(of bound: MemoryGauge.Reading, length: Int) -> String? {
        guard let loaded = atLoading(bound), loaded.share >= limits.soft else { return nil }
        let model = min(loaded.used, bound.used)
        let item = footprints.bytes(perItemOf: length) ?? 0
        let least = (Double(model + item) / limits.soft / 1_048_576).rounded(.up)
        let mebibytes = "\(model >> 20) MiB"
        let taken =
            bound.bound.isOfThisProcess
            ? "the loaded model and libtorch alone take \(mebibytes); make sure"
            : "before the first batch, with the model loaded, \(mebibytes) were in use; free memory, or make sure"
        let name = bound.bound == .configured ? "infer.memory_limit" : "\(bound.bound)"
        return "\(taken) that \(name) is at least \(Int(least)) MiB, plus what the batches take"
    }

    private func atLoading(_ bound: MemoryGauge.Reading) -> MemoryGauge.Reading? {
        loaded.first { $0.bound == bound.bound && $0.limit == bound.limit }
    }
}

extension MemoryGauge.Bound {
    /// Whether only this process's own memory counts towards it.
    fileprivate var isOfThisProcess: Bool { [.dataLimit, .addressSpaceLimit, .configured].contains(self) }
}
