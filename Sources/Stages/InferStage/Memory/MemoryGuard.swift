package import BatchFormat
package import Fault
internal import JSON
internal import Memory
package import StageRun

/// Cuts batches so that they fit into memory, and ends the run before the kernel would.
///
/// Before a batch its bytes are predicted, from what batches of this model took on this machine, tonight or on nights
/// before; before the first ever, a few items are run once to see. Below the soft limit a batch is cut until it is
/// expected to stay there. Above it, an event that becomes an alert, and batches are halved. Above the hard limit the run
/// ends; the parts that are sealed stay, and a rerun goes on behind them.
package final class MemoryGuard {
    /// Shares of a bound.
    package struct Limits: Sendable {
        /// Above it, batches are halved.
        package var soft: Double
        /// Above it, the run ends.
        package var hard: Double

        /// Names both, from 0 to 1.
        package init(soft: Double, hard: Double) {
            self.soft = soft
            self.hard = hard
        }
    }

    private let meter: any MemoryMeter
    private let limits: Limits
    private let events: EventLog
    private let memory: FootprintFile?
    /// The bounds with the model just loaded.
    private let loaded: [MemoryGauge.Reading]
    private let limitBytes: Int?
    private let base: Int
    private var footprints: BatchFootprints
    private var remembered: BatchFootprints
    private var isToldOf = false
    private var cuts = MemoryCuts()
    /// The batch in hand: its items, and how many of them go together at most by now.
    private var batch = (items: 0, most: 0)

    /// - Parameters:
    ///   - meter: read now, with the model loaded: what is held now is not the batches'.
    ///   - memory: where footprints are remembered between runs, if anywhere.
    package init(_ meter: any MemoryMeter, limits: Limits, memory: FootprintFile?, events: EventLog) throws(Fault) {
        self.meter = meter
        self.limits = limits
        self.events = events
        self.memory = memory
        // What loading leaves behind is neither the model's nor the batches'.
        try meter.giveBack()
        loaded = try meter.bounds()
        limitBytes = Self.ofBatches(loaded).map(\.limit).min()
        base = try meter.held()
        footprints = memory?.read(limit: limitBytes) ?? BatchFootprints()
        remembered = footprints
    }

    /// How many of `count` items, each padded to `length`, may go through the model together now.
    ///
    /// Throws above the hard limit: `.retryLater`, or `.configuration` where a limit of the process's own is filled by the
    /// model alone.
    ///
    /// - Parameter trial: runs the first so many of them and forgets the results; false if they did not fit.
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
            events.record(
                "batch_cut", "\(count) items, padded to \(length), go \(most) at a time: memory",
                ["items": .int(Int64(count)), "length": .int(Int64(length)), "most": .int(Int64(most))])
        }
        countCut()
        batch = (count, most)
        return most
    }

    /// Learns from a batch that ran.
    package func ran(items: Int, length: Int) throws(Fault) {
        // The peak may be another batch's: then this one took no more.
        footprints.ran(items: items, length: length, bytes: max(0, try meter.peak() - base))
    }

    /// Learns from a batch that did not fit, and makes room.
    package func didNotFit(items: Int, length: Int) throws(Fault) {
        footprints.failed(items: items, length: length)
        try meter.giveBack()
    }

    /// Takes note that a batch which did not fit is halved.
    package func halved(items: Int, length: Int, reason: String) {
        batch.most = min(batch.most, (items + 1) / 2)
        events.record(
            "batch_halved", level: .warning, "\(items) items, padded to \(length), did not fit into memory: halved",
            ["items": .int(Int64(items)), "length": .int(Int64(length)), "reason": .string(reason)])
    }

    /// The batches that were cut since the last call: a part's.
    package func takeCuts() -> MemoryCuts {
        countCut()
        defer { cuts = MemoryCuts() }
        return cuts
    }

    private func countCut() {
        if batch.most < batch.items { cuts.note(batch.items, to: batch.most) }
        batch = (0, 0)
    }

    /// Writes down what was learned, for the next run.
    package func remember() {
        guard footprints != remembered, let memory else { return }
        remembered = footprints
        if !memory.write(footprints, limit: limitBytes) {
            events.record("footprints_not_kept", level: .debug, "what batches took cannot be written down")
        }
    }

    /// Runs some items for the sake of their footprint alone: one, then twice as many, until all are known to fit, or
    /// the peak has risen, which makes the footprint exact.
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

    /// Bytes that a batch may take until a share of a bound is in use: what is free, and what earlier batches have left.
    private func room(in bounds: [MemoryGauge.Reading], until share: Double) throws(Fault) -> Int {
        let left = max(0, try meter.held() - base)
        return Self.ofBatches(bounds).map { bound in
            // Freed blocks are used again, but a larger one needs address space of its own beside them.
            let reusable = bound.bound == .dataLimit || bound.bound == .addressSpaceLimit ? 0 : left
            return max(0, bound.room(until: share) + reusable)
        }.min() ?? .max
    }

    /// The bounds that batches come up against. On a GPU that is its memory alone: of the machine's they take no more than
    /// their input.
    private static func ofBatches(_ bounds: [MemoryGauge.Reading]) -> [MemoryGauge.Reading] {
        let device = bounds.filter { $0.bound == .device }
        return device.isEmpty ? bounds : device
    }

    /// Whether the soft limit is reached; throws when the hard one is.
    ///
    /// - Parameter bounds: as they are; read again where memory was given back.
    private func isShort(_ bounds: inout [MemoryGauge.Reading], length: Int) throws(Fault) -> Bool {
        guard let before = bounds.nearest, before.share >= limits.soft else { return false }
        try meter.giveBack()
        bounds = try meter.bounds()
        guard let nearest = bounds.nearest, nearest.share >= limits.soft else { return false }
        let used =
            "\(nearest.bound) is \(Int(nearest.share * 100)) % used (\(nearest.used >> 20) of \(nearest.limit >> 20) MiB)"
        let bytes: JSONObject = ["used_bytes": .int(Int64(nearest.used)), "limit_bytes": .int(Int64(nearest.limit))]
        let need = need(of: nearest, length: length)
        guard nearest.share < limits.hard else {
            events.record("memory_hard", level: .warning, "\(used): the run ends", bytes)
            throw stopped(used, nearest, need)
        }
        if !isToldOf {
            let more = nearest.bound.isOfThisProcess ? need.map { "; \($0)" } ?? "" : ""
            events.record("memory_soft", level: .warning, "\(used): batches are halved\(more)", bytes)
            isToldOf = true
        }
        return true
    }

    /// The fault that ends the run at the hard limit.
    private func stopped(_ used: String, _ bound: MemoryGauge.Reading, _ need: String?) -> Fault {
        let hard = "\(used), and infer.memory_hard is \(Int(limits.hard * 100)) %"
        guard let need, let loaded = atLoading(bound), loaded.share >= limits.hard else {
            return Fault(
                .retryLater,
                "\(hard): stopped before the kernel would; sealed parts stay, so run this again when there is room, or "
                    + "lower infer.max_batch_frames")
        }
        // Of this process alone it will be the same at the next try; others may have made room by then.
        return Fault(
            bound.bound.isOfThisProcess ? .configuration : .retryLater, "\(hard): \(need); smaller batches do not help")
    }

    /// What was in use before the first batch, and how high the bound should be; `nil` if that was below the soft limit.
    private func need(of bound: MemoryGauge.Reading, length: Int) -> String? {
        guard let loaded = atLoading(bound), loaded.share >= limits.soft else { return nil }
        let model = min(loaded.used, bound.used)
        let item = footprints.bytes(perItemOf: length) ?? 0
        let least = (Double(model + item) / limits.soft / 1_048_576).rounded(.up)
        let mebibytes = "\(model >> 20) MiB"
        let taken =
            bound.bound.isOfThisProcess
            ? "the loaded model and libtorch alone take \(mebibytes): see"
            : "before the first batch, with the model loaded, \(mebibytes) were in use: make room, or see"
        let name = bound.bound == .configured ? "infer.memory_limit" : "\(bound.bound)"
        return "\(taken) that \(name) is \(Int(least)) MiB at least, and what the batches take on top"
    }

    private func atLoading(_ bound: MemoryGauge.Reading) -> MemoryGauge.Reading? {
        loaded.first { $0.bound == bound.bound && $0.limit == bound.limit }
    }
}

extension MemoryGauge.Bound {
    /// Whether nothing but this process's own memory counts against it.
    fileprivate var isOfThisProcess: Bool { [.dataLimit, .addressSpaceLimit, .configured].contains(self) }
}
