internal import BatchFormat
package import Fault
internal import JSON
package import StageRun
internal import Synchronization
internal import Time

/// Decoder processes, started when needed, reused, and replaced when they die.
package final class DecoderPool: Sendable {
    let setup: DecodeSetup
    private let launch: DecoderLaunch
    private let workers: Int
    private let idle = Mutex<[DecoderProcess]>([])
    private let events: EventLog
    private let patience: Double
    private let mostSamples: Int

    /// The time limit of a recording in seconds.
    package static let defaultPatience = 60.0
    /// A decoder's address space: the program, its libraries, and what they legitimately allocate.
    package static let memoryLimit = 2 << 30
    /// Samples of one recording that may wait for earlier recordings: 16 MiB, four minutes at 16 kHz.
    package static let mostWaiting = 4 << 20
    /// A decoder that dies or hangs is replaced and the recording tried once more: only if the new decoder fails too is
    /// the recording at fault (a decoder may also be killed because memory ran out, or by hand).
    private static let attempts = 2

    /// Makes a pool for a number of worker threads.
    ///
    /// - Parameters:
    ///   - patience: the time limit of a recording in seconds; long and large ones get more.
    package init(
        _ options: DecodeOptions, workers: Int, launch: DecoderLaunch, events: EventLog,
        patience: Double = DecoderPool.defaultPatience
    ) {
        mostSamples = Int((options.maxSeconds + 1) * Double(options.sampleRate)) + 1
        setup = DecodeSetup(options: options, memoryLimit: Self.memoryLimit)
        self.launch = launch
        self.workers = max(workers, 1)
        self.events = events
        self.patience = patience
    }

    /// Starts decoding a recording. Returns when it is done, or when so much is waiting that the rest should come in
    /// order, from ``finish(_:_:)``.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - bytes: its size.
    package func begin(_ path: String, bytes: Int) throws(Fault) -> Decoding {
        // Even the slowest resampler needs only a fraction of the recording's length.
        let limit = patience + setup.options.maxSeconds * (patience / Self.defaultPatience) + Double(bytes) / 1e6
        var decoding = Decoding(request: DecodeRequest(path: path, limit: limit))
        var (waiting, samples) = ([Decoding.Step](), 0)
        try proceed(&decoding, while: { samples < Self.mostWaiting }) { step in
            switch step {
            case .startOver: (waiting, samples) = ([], 0)
            case .message(.samples(let block)):
                samples += block.count
                waiting.append(step)
            case .message: waiting.append(step)
            }
        }
        decoding.waiting = waiting
        return decoding
    }

    /// Reports the result of a recording, from its first sample to its end.
    package func finish(
        _ decoding: consuming Decoding, _ take: (Decoding.Step) throws(Fault) -> Void
    ) throws(Fault) {
        for step in decoding.waiting { try take(step) }
        decoding.waiting = []
        try proceed(&decoding, while: { true }, take)
    }

    private func proceed(
        _ decoding: inout Decoding, while wanted: () -> Bool, _ take: (Decoding.Step) throws(Fault) -> Void
    ) throws(Fault) {
        var deadline = MonotonicClock.now() + decoding.request.limit
        while !decoding.isOver, wanted() {
            let decoder: DecoderProcess
            if let busy = decoding.decoder {
                decoder = busy
            } else {
                let rested = idle.withLock { $0.popLast() }
                if let rested { decoder = rested } else { decoder = try DecoderProcess(launch, setup) }
                decoder.ask(decoding.request)
                decoding.decoder = decoder
                decoding.samples = 0
                deadline = MonotonicClock.now() + decoding.request.limit
            }
            switch decoder.next(until: deadline) {
            case .message(.samples(let block)) where decoding.samples + block.count > mostSamples:
                try replace(&decoding, take) { died($0, "more samples than were announced") }
            case .message(let message):
                switch message {
                case .samples(let block): decoding.samples += block.count
                case .piece:
                    decoding.samples = 0
                    deadline = MonotonicClock.now() + decoding.request.limit
                case .end, .failed:
                    decoding.isOver = true
                    decoding.decoder = nil
                    idle.withLock { if $0.count < workers { $0.append(decoder) } }
                }
                if case .failed(let fault) = message { throw fault }
                try take(.message(message))
            case .died(let how): try replace(&decoding, take) { died($0, how) }
            case .late: try replace(&decoding, take, late)
            }
        }
    }

    private func replace(
        _ decoding: inout Decoding, _ take: (Decoding.Step) throws(Fault) -> Void,
        _ tell: (DecodeRequest) -> String
    ) throws(Fault) {
        decoding.decoder = nil
        decoding.failures += 1
        let message = tell(decoding.request)
        try take(.startOver)
        guard decoding.failures == Self.attempts else { return }
        decoding.isOver = true
        // Only the log names the signal: which one a wild pointer causes is chance, and the ledger must have the same
        // bytes every time.
        let reason = Rejection.Reason.undecodable.rawValue
        try take(.message(.end(.rejected(reason: reason, message: "\(message) on this recording"))))
    }

    private func died(_ request: DecodeRequest, _ how: String) -> String {
        events.record(DecoderDied(on: request.path, ending: how))
        return "the decoder crashes"
    }

    private func late(_ request: DecodeRequest) -> String {
        events.record(DecoderLate(on: request.path, seconds: request.limit))
        return "the decoder does not come to an end"
    }
}

/// A recording being decoded: passed from the thread that started it to the one that finishes it.
package struct Decoding: Sendable {
    /// A step in the report about a recording.
    package enum Step: Sendable {
        /// A message from the decoder.
        case message(DecodeMessage)
        /// Everything so far is void: another decoder starts over.
        case startOver
    }

    let request: DecodeRequest
    /// What was reported before it was needed.
    fileprivate(set) var waiting: [Step] = []
    fileprivate var decoder: DecoderProcess?
    fileprivate var failures = 0
    fileprivate var isOver = false
    /// Samples of the current piece so far.
    fileprivate var samples = 0

    fileprivate init(request: DecodeRequest) { self.request = request }
}
