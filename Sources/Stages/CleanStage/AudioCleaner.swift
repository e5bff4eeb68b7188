package import Fault
package import JSON
internal import Resampling
internal import Signal
internal import SoundFile

/// What became of one recording.
package enum DecodeVerdict: Equatable, Sendable {
    /// It passes: its figures for the ledger, and its samples, mono at the pipeline's rate.
    case passed(figures: JSONObject, samples: [Float])
    /// It ends here.
    case rejected(reason: String, message: String)
}

/// Makes one recording into mono samples at the pipeline's rate, or says why not.
package struct AudioCleaner: ~Copyable {
    private let options: DecodeOptions
    private var mono: [Float] = []
    private var block: [Float] = []
    private let bandwidth = BandwidthMeter()

    /// Samples decoded at a time, over all channels: few enough to stay in a core's own cache from step to step.
    private static let blockSize = 1 << 14

    /// A cleaner for one configuration; it keeps its buffers from one recording to the next.
    package init(_ options: DecodeOptions) { self.options = options }

    /// Decodes a file whole; fails only where the machine does.
    package mutating func result(for path: String) -> Result<DecodeVerdict, Fault> {
        do throws(Failure) {
            return .success(try decode(path))
        } catch {
            switch error {
            case .rejected(let rejection):
                return .success(.rejected(reason: rejection.reason.rawValue, message: rejection.message))
            case .failed(let fault): return .failure(fault)
            }
        }
    }

    private enum Failure: Error {
        case rejected(Rejection)
        case failed(Fault)

        static func rejected(_ reason: Rejection.Reason, _ message: String) -> Failure {
            .rejected(Rejection(reason, message))
        }
    }

    private mutating func decode(_ path: String) throws(Failure) -> DecodeVerdict {
        var sound = try Self.sound { () throws(SoundFileError) in try SoundFile(path: path) }
        let rate = sound.sampleRate
        if let expected = sound.expectedFrames { try checkNotTooLong(expected, rate) }
        guard Resampler.canResample(from: rate, to: options.sampleRate) else {
            throw .rejected(.unsupported, "\(rate) Hz is too far from \(options.sampleRate) Hz to resample")
        }
        var mixdown = Mixdown(
            channels: sound.channels, chosen: try chosenChannel(of: sound.channels),
            clippingThreshold: sound.header.encoding.clippingThreshold)
        var resampler = try Self.machine { () throws(Fault) in
            try Resampler(options.resampler, from: rate, to: options.sampleRate)
        }
        var samples: [Float] = []
        samples.reserveCapacity(resampler.outputCount(for: sound.expectedFrames ?? 0) + Self.blockSize)

        block.resize(to: max(Self.blockSize, sound.channels))
        mono.resize(to: block.count / sound.channels)
        while case let frames = try read(&sound), frames > 0 {
            try checkNotTooLong(sound.decodedFrames, rate)
            mix(frames, of: sound.channels, with: &mixdown)
            try checkFinite(frames, before: sound.decodedFrames - frames)
            try resample(frames, with: &resampler, into: &samples)
        }
        try Self.machine { () throws(Fault) in try resampler.finish(appendingTo: &samples) }

        let seconds = Double(sound.decodedFrames) / Double(rate)
        guard seconds >= options.minSeconds, !samples.isEmpty else {
            let (length, least) = (seconds.text(decimals: 3), options.minSeconds)
            throw .rejected(.tooShort, "the recording lasts \(length) s, at least \(least) s are asked for")
        }
        let quality = AudioQuality(of: samples.span, sampleRate: options.sampleRate, bandwidth: bandwidth)
        if AudioQuality.firstNonFinite(in: samples.span) != nil {
            throw .rejected(.notFinite, "the samples are so large that resampling overflows")
        }
        guard !quality.isSilent(belowDBFS: options.silenceDBFS) else {
            let level = quality.loudestDBFS.text(decimals: 1)
            throw .rejected(
                .silent, "the loudest 20 ms are at \(level) dBFS, silence is below \(options.silenceDBFS) dBFS")
        }
        let figures = QualityFigures(
            seconds: seconds, sound: sound.header, sourceRate: rate, clippingRatio: mixdown.clippingRatio,
            quality: quality)
        return .passed(figures: figures.object, samples: samples)
    }

    private func chosenChannel(of count: Int) throws(Failure) -> Int? {
        guard case .one(let index) = options.channels else { return nil }
        guard index < count else {
            throw .rejected(.unsupported, "channel \(index) is asked for, the recording has \(count) (counted from 0)")
        }
        return index
    }

    private func checkNotTooLong(_ frames: Int, _ rate: Int) throws(Failure) {
        let seconds = Double(frames) / Double(rate)
        guard seconds > options.maxSeconds else { return }
        throw .rejected(.tooLong, "the recording lasts longer than \(options.maxSeconds) s")
    }

    private mutating func read(_ sound: inout SoundFile) throws(Failure) -> Int {
        try Self.sound { () throws(SoundFileError) in
            try block.withUnsafeMutableBufferPointer { (room) throws(SoundFileError) in try sound.read(into: room) }
        }
    }

    private mutating func mix(_ frames: Int, of channels: Int, with mixdown: inout Mixdown) {
        block.withUnsafeBufferPointer { interleaved in
            mono.withUnsafeMutableBufferPointer { mono in
                mixdown.mix(UnsafeBufferPointer(rebasing: interleaved[..<(frames * channels)]), into: mono)
            }
        }
    }

    /// Before resampling, which would smear one bad sample over its neighbours.
    private func checkFinite(_ frames: Int, before: Int) throws(Failure) {
        if let index = AudioQuality.firstNonFinite(in: mono.span.extracting(..<frames)) {
            throw .rejected(.notFinite, "sample \(before + index) is not a finite number")
        }
    }

    private func resample(
        _ frames: Int, with resampler: inout Resampler, into samples: inout [Float]
    ) throws(Failure) {
        try Self.machine { () throws(Fault) in
            try mono.withUnsafeBufferPointer { (mono) throws(Fault) in
                try resampler.process(UnsafeBufferPointer(rebasing: mono[..<frames]), appendingTo: &samples)
            }
        }
    }

    private static func sound<Value: ~Copyable>(
        _ body: () throws(SoundFileError) -> Value
    ) throws(Failure) -> Value {
        do throws(SoundFileError) {
            return try body()
        } catch {
            switch error {
            case .refused(let refusal): throw .rejected(Rejection(refusal))
            case .failed(let fault): throw .failed(fault)
            }
        }
    }

    private static func machine<Value: ~Copyable>(_ body: () throws(Fault) -> Value) throws(Failure) -> Value {
        do throws(Fault) { return try body() } catch { throw .failed(error) }
    }
}

extension AudioEncoding {
    /// The magnitude that counts as full scale: G.711's largest code is 0.98, and 8-bit PCM reaches 0.992 upwards.
    fileprivate var clippingThreshold: Float {
        switch self {
        case .muLaw, .aLaw: 0.98
        case .pcm8: 0.99
        default: AudioQuality.clippingThreshold
        }
    }
}

extension [Float] {
    /// Gives a buffer its size, keeping its memory where it can.
    fileprivate mutating func resize(to size: Int) {
        if count > size { removeLast(count - size) }
        if count < size { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}
