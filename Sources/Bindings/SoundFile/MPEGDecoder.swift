internal import CMPG123

/// MP3 frames decoded by libmpg123, stretch by stretch: exactly those that ``MPEGFrames`` walked, nothing estimated.
final class MPEGDecoder {
    private let source: ByteSource
    private let stretches: [MPEGStretch]
    private let (rate, channels): (Int, Int)
    private var next = 0
    private var open: OpenStretch?

    init(_ stretches: [MPEGStretch], of source: ByteSource, rate: Int, channels: Int) {
        (self.stretches, self.source, self.rate, self.channels) = (stretches, source, rate, channels)
    }

    /// Decodes the next frames into `buffer`; returns how many, 0 at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        while true {
            if let stretch = open {
                let got = try stretch.read(into: buffer)
                if got > 0 { return got }
                open = nil
            }
            guard next < stretches.count else { return 0 }
            open = try OpenStretch(stretches[next], of: source, rate: rate, channels: channels)
            next += 1
        }
    }
}

/// A stretch that is being decoded. A decoder of its own for each: what one stretch leaves in the bit reservoir and in
/// the filters must not sound in the next.
///
/// Every layer III decoder is 529 samples late. They are left out at the start, and come out at the end with the help
/// of one frame of silence, so that a stretch without gapless tags has as many samples as its frames, from its first
/// one to its last one.
private final class OpenStretch {
    private static let decoderDelay = 529

    private let stretch: MPEGStretch
    /// Samples to leave out at the start, and samples that come out with the frame of silence.
    private let (skipped, expected): (Int, Int)
    private let reader: SourceReader
    private let handle: OpaquePointer
    private let channels: Int
    /// Frames decoded so far, and frames handed out.
    private var (decoded, given) = (0, 0)
    /// What is decoded and not handed out yet, owned by libmpg123 until the next call.
    private var waiting = UnsafeBufferPointer<Float>(start: nil, count: 0)

    init(_ stretch: MPEGStretch, of source: ByteSource, rate: Int, channels: Int) throws(SoundFileError) {
        self.stretch = stretch
        self.channels = channels
        skipped = stretch.delay + Self.decoderDelay
        let silence = stretch.silence
        expected = stretch.samples + silence.samples
        reader = SourceReader(source.arranged(source.pieces(stretch.range) + [.bytes(silence.bytes)]))
        // Needed by libmpg123 before 1.27, harmless since.
        mpg123_init()
        guard let handle = mpg123_new(nil, nil) else { throw .undecodable("the MP3 decoder cannot be started") }
        self.handle = handle
        let on =
            MPG123_FORCE_FLOAT.rawValue | MPG123_QUIET.rawValue | MPG123_IGNORE_INFOFRAME.rawValue
            | MPG123_SKIP_ID3V2.rawValue | MPG123_NO_PEEK_END.rawValue
        let off = MPG123_GAPLESS.rawValue | MPG123_AUTO_RESAMPLE.rawValue
        mpg123_param2(handle, Int32(MPG123_ADD_FLAGS.rawValue), Int(on), 0)
        mpg123_param2(handle, Int32(MPG123_REMOVE_FLAGS.rawValue), Int(off), 0)
        mpg123_format_none(handle)
        let mode = channels == 1 ? MPG123_MONO : MPG123_STEREO
        mpg123_format(handle, rate, Int32(mode.rawValue), Int32(MPG123_ENC_FLOAT_32.rawValue))
        // Without a way to seek, libmpg123 reads the stretch from its first byte to its last.
        mpg123_replace_reader_handle(handle, { SourceReader.at($0)?.read($1, $2) ?? 0 }, { _, _, _ in -1 }, nil)
        guard mpg123_open_handle(handle, reader.pointer) == MPG123_OK.rawValue else { throw complaint() }
    }

    deinit { mpg123_delete(handle) }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let wanted = min(buffer.count / channels, stretch.taken - given)
        var got = 0
        while got < wanted {
            if waiting.isEmpty, try !decode() { break }
            let count = min(wanted - got, waiting.count / channels)
            let room = UnsafeMutableBufferPointer(rebasing: buffer[(got * channels)..<((got + count) * channels)])
            _ = room.update(fromContentsOf: waiting[..<(count * channels)])
            waiting = UnsafeBufferPointer(rebasing: waiting[(count * channels)...])
            got += count
        }
        given += got
        if got == 0 {
            // The rest belongs to the padding, and shows whether every frame was decoded.
            while try decode() {}
            guard decoded == expected else {
                throw .undecodable("the audio is damaged: \(decoded) of \(expected) samples could be decoded")
            }
        }
        return got
    }

    /// Decodes the next frame; returns whether there was one.
    private func decode() throws(SoundFileError) -> Bool {
        while true {
            var (number, size) = (0, 0)
            var audio: UnsafeMutablePointer<UInt8>?
            let status = mpg123_decode_frame(handle, &number, &audio, &size)
            if let failure = reader.failure { throw failure }
            if let audio, size > 0 {
                let count = size / MemoryLayout<Float>.size / channels
                let skipped = min(max(0, skipped - decoded), count)
                decoded += count
                waiting = UnsafeRawBufferPointer(start: audio, count: count * channels * MemoryLayout<Float>.size)
                    .bindMemory(to: Float.self)
                waiting = UnsafeBufferPointer(rebasing: waiting[(skipped * channels)...])
                if waiting.isEmpty { continue }
                return true
            }
            switch status {
            case Int32(MPG123_DONE.rawValue), Int32(MPG123_NEED_MORE.rawValue): return false
            case Int32(MPG123_OK.rawValue), Int32(MPG123_NEW_FORMAT.rawValue): continue
            default: throw complaint()
            }
        }
    }

    private func complaint() -> SoundFileError {
        let words = mpg123_strerror(handle).map { String(cString: $0) } ?? "no reason given"
        return .undecodable("the audio is damaged: \(words)")
    }
}

extension MPEGStretch {
    /// A frame of the stream's kind that holds nothing: all its figures are 0.
    fileprivate var silence: (bytes: [UInt8], samples: Int) {
        guard let frame = MPEGFrame(header) else { return ([], 0) }
        var bytes = [UInt8](repeating: 0, count: frame.bytes)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: header >> (24 - 8 * index)) }
        return (bytes, frame.samples)
    }
}
