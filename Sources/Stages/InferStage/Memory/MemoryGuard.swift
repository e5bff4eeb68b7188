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
    private let limitBytes: Int?
    private let base: Int
    private var footprints: BatchFootprints
    private var remembered: BatchFootprints
    private var isToldOf = false

    /// - Parameters:
    ///   - meter: read now, with the model loaded: what is held now is not the batches'.
    ///   - memory: where footprints are remembered between runs, if anywhere.
    package init(_ meter: any MemoryMeter, limits: Limits, memory: FootprintFile?, events: EventLog) throws(Fault) {
        self.meter = meter
        self.limits = limits
        self.events = events
        self.memory = memory
        limitBytes = try meter.bounds().map(\.limit).min()
        base = try meter.held()
        footprints = memory?.read(limit: limitBytes) ?? BatchFootprints()
        remembered = footprints
    }

    /// How many of `count` items, each padded to `length`, may go through the model together now.
    ///
    /// Throws `.retryLater` above the hard limit.
    ///
    /// - Parameter trial: runs the first so many of them and forgets the results; false if they did not fit.
    package func most(
        of count: Int, length: Int, trial: (Int) throws(Fault) -> Bool
    ) throws(Fault) -> Int {
        let isShort = try isShort()
        if !isShort, footprints.bytesPerItem.isEmpty { try calibrate(count: count, length: length, trial) }
        var most = min(count, footprints.ceiling(of: length) ?? count)
        if isShort { most = (most + 1) / 2 }
        if let each = footprints.bytes(perItemOf: length) {
            let room = try room(until: isShort ? limits.hard : limits.soft)
            most = min(most, room / each)
        }
        most = max(1, most)
        if most < count {
            events.record(
                "batch_cut", "\(count) items, padded to \(length), go \(most) at a time: memory",
                ["items": .int(Int64(count)), "length": .int(Int64(length)), "most": .int(Int64(most))])
        }
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
            let room = try room(until: limits.soft)
            let peak = try meter.peak()
            if each <= room / count || peak > before { return }
            items *= 2
        }
    }

    /// Bytes that a batch may take until a share of a bound is in use: what is free, and what earlier batches have left.
    private func room(until share: Double) throws(Fault) -> Int {
        let left = max(0, try meter.held() - base)
        return try meter.bounds().map { bound in
            // Freed blocks are used again, but a larger one needs address space of its own beside them.
            let reusable = bound.bound == .dataLimit || bound.bound == .addressSpaceLimit ? 0 : left
            return max(0, bound.room(until: share) + reusable)
        }.min() ?? .max
    }

    /// Whether the soft limit is reached; throws when the hard one is.
    private func isShort() throws(Fault) -> Bool {
        guard let before = try nearest(), before.share >= limits.soft else { return false }
        try meter.giveBack()
        guard let nearest = try nearest(), nearest.share >= limits.soft else { return false }
        let figures = "\(nearest.used >> 20) of \(nearest.limit >> 20) MiB"
        let bytes: JSONObject = ["used_bytes": .int(Int64(nearest.used)), "limit_bytes": .int(Int64(nearest.limit))]
        guard nearest.share < limits.hard else {
            events.record(
                "memory_hard", level: .warning,
                "\(nearest.bound) is \(Int(nearest.share * 100)) % used (\(figures)): the run ends", bytes)
            throw Fault(
                .retryLater,
                "\(nearest.bound) is \(Int(nearest.share * 100)) % used (\(figures)), and infer.memory_hard is "
                    + "\(Int(limits.hard * 100)) %: stopped before the kernel would; sealed parts stay, so run this again "
                    + "when there is room, or lower infer.max_batch_frames")
        }
        if !isToldOf {
            events.record(
                "memory_soft", level: .warning,
                "\(nearest.bound) is \(Int(nearest.share * 100)) % used (\(figures)): batches are halved", bytes)
            isToldOf = true
        }
        return true
    }

    private func nearest() throws(Fault) -> MemoryGauge.Reading? { try meter.bounds().max { $0.share < $1.share } }
}
