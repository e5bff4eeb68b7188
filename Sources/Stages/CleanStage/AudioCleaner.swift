package import Fault
internal import JSON
internal import Resampling
internal import Signal
internal import SoundFile

/// Turns one recording into mono samples at the pipeline's rate, or rejects it with a reason.
package struct AudioCleaner: ~Copyable {
    private let options: DecodeOptions
    private var mono: [Float] = []
    private var block: [Float] = []
    private let meter: QualityMeter

    /// The most samples passed on at a time.
    package static let blockSize = 1 << 16
    /// Samples decoded at a time, over all channels: few enough to stay in a core's own cache from step to step.
    private static let decodedAtOnce = 1 << 14

    /// Makes a cleaner for one configuration; it reuses its buffers for every recording.
    package init(_ options: DecodeOptions) {
        self.options = options
        meter = QualityMeter(sampleRate: options.sampleRate, silenceDBFS: options.silenceDBFS)
    }

    /// Decodes a whole file; fails only if the machine does.
    ///
    /// - Parameters:
    ///   - samples: receives the next samples of the recording, or of its current piece. If the recording is rejected
    ///     in the end, they
    ///     must be discarded.
    ///   - piece: receives each piece of a recording that has to be cut.
    package mutating func clean(
        _ path: String, samples: (UnsafeBufferPointer<Float>) -> Void, piece: (DecodedPiece) -> Void
    ) throws(Fault) -> DecodeResult {
        do throws(Failure) {
            return try decode(path, samples, piece)
        } catch {
            switch error {
            case .rejected(let rejection):
                return .rejected(reason: rejection.reason.rawValue, message: rejection.message)
            case .failed(let fault): throw fault
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

    private mutating func decode(
        _ path: String, _ take: (UnsafeBufferPointer<Float>) -> Void, _ piece: (DecodedPiece) -> Void
    ) throws(Failure) -> DecodeResult {
        var sound = try open(path)
        let rate = sound.sampleRate
        if let expected = sound.expectedFrames { try checkNotTooLong(expected, rate) }
        guard Resampler.canResample(from: rate, to: options.sampleRate) else {
            throw .rejected(.unsupported, "\(rate) Hz is too far from \(options.sampleRate) Hz to resample")
        }
        block.resize(to: max(Self.decodedAtOnce, sound.channels))
        mono.resize(to: block.count / sound.channels)
        let asked = try chosenChannel(of: sound.channels)
        let survey = try survey(path, channels: sound.channels)
        var mixdown = Mixdown(
            channels: sound.channels, chosen: survey?.channel ?? asked,
            clippingThreshold: sound.header.encoding.clippingThreshold)
        var resampler = try Self.machine { () throws(Fault) in
            try Resampler(options.resampler, from: rate, to: options.sampleRate)
        }
        // An abandoned recording leaves its beginning in the meter.
        meter.reset()
        var output = CleanedSamples(
            cutter: options.cutsLong ? PieceCutter(options) : nil, meter: meter, blockSize: Self.blockSize)
        var clipping = ClippingLog()
        let (header, target) = (sound.header, options)
        func tell(_ span: PieceSpan, _ quality: AudioQuality) {
            let figures = QualityFigures(
                seconds: Double(quality.samples) / Double(target.sampleRate), sound: header, sourceRate: rate,
                channels: survey, clippingRatio: clipping.ratio(from: span.start, to: span.end), quality: quality)
            // The next piece begins after this one's start.
            clipping.forget(before: span.start)
            piece(DecodedPiece(span: span, verdict: figures.verdict(silenceDBFS: target.silenceDBFS)))
        }

        while case let frames = try read(&sound), frames > 0 {
            try checkNotTooLong(sound.decodedFrames, rate)
            mix(frames, of: sound.channels, with: &mixdown)
            clipping.note(mixdown, at: sound.decodedFrames * 10 / rate)
            try checkFinite(frames, before: sound.decodedFrames - frames)
            try resample(frames, with: &resampler, into: &output.samples)
            output.handOn(take, piece: tell)
        }
        try Self.machine { () throws(Fault) in try resampler.finish(appendingTo: &output.samples) }
        let seconds = Double(sound.decodedFrames) / Double(rate)
        guard seconds >= options.minSeconds, output.end > 0 else {
            let (length, least) = (seconds.text(decimals: 3), options.minSeconds)
            throw .rejected(.tooShort, "the recording lasts \(length) s, at least \(least) s are asked for")
        }
        let (span, quality) = output.finish(take, piece: tell)
        guard !output.overflows else {
            throw .rejected(.notFinite, "the samples are so large that resampling overflows")
        }
        guard output.pieces == 0 else {
            tell(span, quality)
            return .cut
        }
        let figures = QualityFigures(
            seconds: seconds, sound: sound.header, sourceRate: rate, channels: survey,
            clippingRatio: mixdown.clippingRatio, quality: quality)
        switch figures.verdict(silenceDBFS: options.silenceDBFS) {
        case .passed(let object): return .passed(object)
        case .rejected(let reason, let message): return .rejected(reason: reason, message: message)
        }
    }

    private func open(_ path: String) throws(Failure) -> SoundFile {
        let options = options
        return try Self.sound { () throws(SoundFileError) in
            try SoundFile(path: path, keepingTruncated: options.keepsTruncated)
        }
    }

    /// Decodes a recording of several channels once before they are mixed; `nil` if they are not, or if there is nothing
    /// to say about them.
    private mutating func survey(_ path: String, channels: Int) throws(Failure) -> ChannelChoice? {
        guard options.channels == .mix, channels > 1 else { return nil }
        var sound = try open(path)
        var survey = ChannelSurvey(channels: channels, rate: sound.sampleRate)
        var mixdown = Mixdown(channels: channels, chosen: nil, clippingThreshold: 1)
        while case let frames = try read(&sound), frames > 0 {
            try checkNotTooLong(sound.decodedFrames, sound.sampleRate)
            block.withUnsafeBufferPointer { block in
                survey.add(UnsafeBufferPointer(rebasing: block[..<(frames * channels)]), &mixdown)
            }
        }
        return survey.finish(silenceDBFS: options.silenceDBFS, &mixdown)
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
        guard seconds > options.maxSeconds, !options.cutsLong else { return }
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

    /// Checked before resampling, which would smear one bad sample over its neighbours.
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
    /// Resizes a buffer, keeping its memory where possible.
    fileprivate mutating func resize(to size: Int) {
        if count > size { removeLast(count - size) }
        if count < size { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}
