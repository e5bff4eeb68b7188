/// MP3 frames that one decoder decodes from start to end.
struct MPEGStretch: Equatable {
    /// Their bytes, without an info frame.
    let range: Range<Int>
    /// Samples per channel that the frames hold.
    let samples: Int
    /// Samples at the start that are the encoder's delay.
    let delay: Int
    /// Samples after them that are audio; behind them is padding.
    let taken: Int
    /// The header of a frame without checksum and padding, of the stream's kind.
    let header: Int
}

/// The frames of an MP3 file (ISO/IEC 11172-3 and 13818-3 layer III), each starting where the previous one ends.
///
/// What is walked here is what is decoded. An estimated length, or an info frame ("Xing", "Info", "VBRI") that counts
/// only the first of several joined files, loses nothing. A file without an info frame that was cut exactly between two
/// frames looks like a shorter file.
struct MPEGFrames {
    private var source: ByteSource
    private let end: Int
    private var stretches: [MPEGStretch] = []
    private var stream: MPEGFrame?
    /// The stretch being walked.
    private var (start, samples, info) = (0, 0, MPEGInfo?.none)
    /// Whether the last stretch has as many frames as its info frame promises.
    private var isComplete = false
    /// Where the walk ended too early, if it did.
    private var truncation: SoundFileError?

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var walk = try MPEGFrames(source)
        try walk.walk()
        guard let stream = walk.stream else {
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
        let held = walk.stretches.reduce(0) { $0 + $1.taken }
        let words: String?
        if let truncation = walk.truncation {
            words = try rules.truncation(truncation, held: held)
        } else {
            words = nil
        }
        let header = try AudioHeader(
            .mp3, .mp3, sampleRate: stream.rate, channels: stream.channels, heldFrames: held, truncation: words)
        return ParsedSound(header: header, samples: .mpeg(walk.stretches, source))
    }

    private init(_ source: ByteSource) throws(SoundFileError) {
        self.source = source
        end = try Tags.start(ofTail: &self.source)
    }

    private mutating func walk() throws(SoundFileError) {
        var at = try audioStart()
        guard at < end else { return }
        start = at
        while at < end {
            guard let frame = try frame(at: at) else {
                close(at: at)
                guard truncation == nil, let next = try nextStretch(after: at) else { return }
                at = next
                start = next
                continue
            }
            if let stream, stream.signature != frame.signature {
                throw .unsupported(
                    "at byte \(at) the MP3 changes from \(stream.kind) to \(frame.kind): several recordings, joined")
            }
            guard at + frame.bytes <= end else {
                if stream == nil { throw .truncated("the file ends inside the MP3 frame at byte \(at)") }
                truncation = .truncated("the file ends inside the MP3 frame at byte \(at)")
                break
            }
            if let found = try MPEGInfo(&source, at: at, frame) {
                // Another file begins.
                close(at: at)
                (info, start) = (found, at + frame.bytes)
            } else {
                samples += frame.samples
            }
            stream = frame
            at += frame.bytes
        }
        close(at: min(at, end))
    }

    /// Ends the stretch that is being walked.
    private mutating func close(at: Int) {
        guard let stream else { return }
        // The info frame carries no audio and is not part of the number that it promises.
        let promised = info?.frames.map { $0 * stream.samples }
        if let info, let promised, promised > samples, truncation == nil || stretches.isEmpty,
            info.bytes.map({ $0 > at - start + info.frameBytes }) ?? true
        {
            truncation = .truncated(promised: promised, held: samples, rate: stream.rate)
        }
        isComplete = promised == samples
        guard samples > 0 else {
            info = nil
            return
        }
        // Where the count is not right, the end is not where the padding was.
        var (delay, padding) = (info?.delay ?? 0, isComplete ? info?.padding ?? 0 : 0)
        // A tag that leaves nothing of a whole file is wrong; a file that was cut may end in its delay.
        if isComplete, delay + padding >= samples { (delay, padding) = (0, 0) }
        delay = min(delay, samples)
        stretches.append(
            MPEGStretch(
                range: start..<at, samples: samples, delay: delay, taken: samples - delay - padding,
                header: stream.plainHeader))
        (samples, info) = (0, nil)
    }

    /// The offset of the first frame: tags, zeros, and the rest of a frame that was cut may be before it.
    private mutating func audioStart() throws(SoundFileError) -> Int {
        let at = try Tags.end(ofTagsAndZerosAt: 0, in: &source)
        guard at < end else { return at }
        if try frame(at: at) != nil { return at }
        // Less than a frame (without its padding byte) is the rest of one; more would be a damaged one.
        if let found = try firstChain(from: at, to: at + MPEGFrame.mostBytes),
            let frame = try frame(at: found), try found - at + zeros(before: at) < frame.bytes - 1
        {
            return found
        }
        try refuse(at: at)
    }

    /// Zeros directly before an offset, at most 4: in place of a frame's header, they are part of a damaged frame.
    private mutating func zeros(before at: Int) throws(SoundFileError) -> Int {
        try source.bytes(at: max(0, at - 4), min(4, at)).reversed().prefix { $0 == 0 }.count
    }

    /// The offset of the frames of the next joined file; `nil` if only tags and padding are left.
    private mutating func nextStretch(after at: Int) throws(SoundFileError) -> Int? {
        let next = try Tags.end(ofTagsAndZerosAt: at, in: &source)
        if next >= end { return nil }
        if next > at, try frame(at: next) != nil { return next }
        try Remainder.checkNoRecording(&source, at: next)
        // Other bytes after all frames that were promised, and no frames behind them: no audio is lost.
        if isComplete, try firstChain(from: next, to: end) == nil { return nil }
        if end - next < 4 {
            truncation = .truncated("the file ends inside the MP3 frame at byte \(next)")
            return nil
        }
        try refuse(at: next)
    }

    private mutating func refuse(at: Int) throws(SoundFileError) -> Never {
        let head = try source.bytes(at: at, 4)
        guard head.count == 4 else { throw .truncated("the file ends inside the MP3 frame at byte \(at)") }
        if let words = MPEGFrame.refusal(of: head.big(0, 4)) { throw .unsupported(words) }
        throw .undecodable("no MP3 frame starts at byte \(at)")
    }

    /// The first offset in a range at which three frames of one kind follow each other, or as many as fit.
    private mutating func firstChain(from: Int, to: Int) throws(SoundFileError) -> Int? {
        for at in from..<max(from, min(to, end)) where try isChain(at: at, of: 3) { return at }
        return nil
    }

    private mutating func isChain(at: Int, of length: Int) throws(SoundFileError) -> Bool {
        guard let first = try frame(at: at) else { return false }
        var next = at + first.bytes
        for _ in 1..<max(length, 2) {
            if next == end { return true }
            guard let frame = try frame(at: next), frame.signature == first.signature else { return false }
            next += frame.bytes
        }
        return next <= end
    }

    private mutating func frame(at: Int) throws(SoundFileError) -> MPEGFrame? {
        let head = try source.bytes(at: at, 4)
        return head.count == 4 && at + 4 <= end ? MPEGFrame(head.big(0, 4)) : nil
    }
}
