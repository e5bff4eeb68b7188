package import Fault
internal import JSON
package import StageRun
internal import Synchronization

/// Decoder processes, one for each worker thread, started when they are first needed and replaced when they die.
package final class DecoderPool: Sendable {
    private final class Slot: Sendable {
        let process = Mutex<DecoderProcess?>(nil)
    }

    private let setup: DecodeSetup
    private let launch: DecoderLaunch
    private let slots: [Slot]
    private let events: EventLog
    private let patience: Double
    private let mostSamples: Int

    /// Seconds that any recording is given.
    package static let defaultPatience = 60.0
    /// Address space for the program and its libraries, in bytes; what recordings need comes on top.
    package static let baseMemory = 2 << 30

    /// A pool for a number of worker threads.
    ///
    /// - Parameters:
    ///   - patience: seconds that any recording is given; long and large ones are given more.
    package init(
        _ options: DecodeOptions, workers: Int, launch: DecoderLaunch, events: EventLog,
        patience: Double = DecoderPool.defaultPatience
    ) {
        mostSamples = Int((options.maxSeconds + 1) * Double(options.sampleRate)) + 1
        // The samples once as an array that grows, once as it was before it grew.
        setup = DecodeSetup(options: options, memoryLimit: Self.baseMemory + mostSamples * 16)
        self.launch = launch
        self.events = events
        self.patience = patience
        slots = (0..<max(workers, 1)).map { _ in Slot() }
    }

    /// Has one recording decoded by a worker's decoder.
    ///
    /// A decoder that dies or hangs is replaced, and the recording tried once more: only if the new one fails too is it
    /// the recording's fault (a decoder may also be killed for want of memory, or by hand).
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - bytes: its size.
    ///   - worker: the number of the worker thread; no two threads may use the same one at once.
    package func clean(_ path: String, bytes: Int, worker: Int) throws(Fault) -> DecodeVerdict {
        // Even the slowest resampler is done in a fraction of the recording's length.
        let limit = patience + setup.options.maxSeconds * (patience / Self.defaultPatience) + Double(bytes) / 1e6
        let request = DecodeRequest(path: path, limit: limit)
        var last = DecoderProcess.Outcome.late
        for _ in 0..<2 {
            last = try ask(request, slots[worker])
            switch last {
            case .answered(.verdict(let verdict)): return verdict
            case .answered(.failed(let fault)): throw fault
            case .died(let how):
                events.record(
                    "decoder_died", level: .warning, "a decoder ended (\(how)) on '\(path)'",
                    ["path": .string(path), "ending": .string(how)])
            case .late:
                events.record(
                    "decoder_late", level: .warning, "a decoder did not finish '\(path)' in \(Int(limit)) s",
                    ["path": .string(path), "seconds": .double(limit)])
            }
        }
        // The signal is in the log alone: which one a wild pointer ends in is chance, and a ledger has the same bytes
        // every time.
        let message = if case .late = last { "the decoder does not come to an end" } else { "the decoder crashes" }
        return .rejected(reason: Rejection.Reason.undecodable.rawValue, message: "\(message) on this recording")
    }

    private func ask(_ request: DecodeRequest, _ slot: Slot) throws(Fault) -> DecoderProcess.Outcome {
        let (launch, setup, mostSamples) = (launch, setup, mostSamples)
        return try slot.process.withLock { (held) throws(Fault) in
            let process = if let idle = held.take() { idle } else { try DecoderProcess(launch, setup) }
            let outcome = process.ask(request, mostSamples: mostSamples)
            if case .answered = outcome { held = consume process }
            return outcome
        }
    }
}
