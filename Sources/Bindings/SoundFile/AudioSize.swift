/// How much audio a container's header promises, against what the file holds.
enum AudioSize {
    /// As many bytes as promised.
    case exact(Int)
    /// The size is one that a writer leaves if it cannot go back to its header: the audio goes to the end of the file.
    case open(Int)
    /// The file is shorter than promised.
    case short(promised: Int, held: Int)

    /// Whether a number of bytes is one that stands for "not known": next to a limit of the size's type (from 64 KiB
    /// below to 64 KiB above: writers subtract headers, round to frames or to blocks), or more than any recording has.
    ///
    /// ffmpeg leaves 0xFFFFFFFF, sox 0x7FFFF000, arecord 0x80000000, Oboe 0x7FFFFFFF.
    static func isPlaceholder(_ size: Int) -> Bool {
        let reach = 64 << 10
        return [1 << 31, 1 << 32].contains { abs(size - $0) <= reach } || size >= 1 << 40
    }

    /// Judges a promise.
    ///
    /// - Parameters:
    ///   - promised: the promised number of bytes.
    ///   - there: the number of bytes from the audio's start to the end of the file.
    init(promised: Int, there: Int) {
        if promised <= there {
            self = .exact(promised)
        } else if Self.isPlaceholder(promised) {
            self = .open(there)
        } else {
            self = .short(promised: promised, held: there)
        }
    }
}

/// The audio of a container with plain samples or blocks, as its header places it.
struct AudioPlace {
    /// The offset of the first sample.
    let start: Int
    /// How many bytes.
    let size: AudioSize

    /// The number of whole frames, whether the end is open, and what is missing.
    ///
    /// - Parameters:
    ///   - unit: bytes per frame, or per block.
    ///   - frames: frames per block.
    func frames(
        unit: Int, of frames: Int = 1, rate: Int, _ rules: ParsingRules
    ) throws(SoundFileError) -> (held: Int, isOpenEnded: Bool, truncation: String?) {
        switch size {
        case .exact(let bytes): return (bytes / unit * frames, false, nil)
        case .open(let bytes): return (bytes / unit * frames, true, nil)
        case .short(let promised, let held):
            let short = SoundFileError.truncated(
                promised: promised / unit * frames, held: held / unit * frames, rate: rate)
            return (held / unit * frames, false, try rules.truncation(short, held: held / unit))
        }
    }
}

/// What is behind the audio of a container that says where it ends.
enum Remainder {
    /// Refuses a second recording, and a remainder so long that it may be audio which the header leaves out.
    ///
    /// - Parameters:
    ///   - at: where the container ends, or where what follows is none of its chunks.
    ///   - bytesPerSecond: of the audio.
    static func check(
        _ source: inout ByteSource, at: Int, bytesPerSecond: Int
    ) throws(SoundFileError) {
        try checkNoRecording(&source, at: at)
        let rest = source.count - at
        guard rest >= bytesPerSecond, try Tags.end(ofTagsAndZerosAt: at, in: &source) < source.count else { return }
        throw .undecodable(
            "the header promises less than the file holds: \(rest) bytes follow the audio, from byte \(at), outside "
                + "any chunk")
    }

    /// Refuses a second recording, with or without tags before it.
    static func checkNoRecording(_ source: inout ByteSource, at: Int) throws(SoundFileError) {
        let at = try Tags.end(ofTagsAndZerosAt: at, in: &source)
        guard try isRecording(at: at, in: &source) else { return }
        throw .unsupported("a second recording starts at byte \(at): several recordings, joined")
    }

    /// Whether a recording of a format on the allow-list starts at an offset.
    static func isRecording(at: Int, in source: inout ByteSource) throws(SoundFileError) -> Bool {
        let head = try source.bytes(at: at, 12)
        guard head.count == 12 else { return false }
        if AllowList.container(head) != nil { return true }
        guard let frame = MPEGFrame(head.big(0, 4)) else { return false }
        let next = try source.bytes(at: at + frame.bytes, 4)
        return next.count == 4 && MPEGFrame(next.big(0, 4))?.signature == frame.signature
    }
}
