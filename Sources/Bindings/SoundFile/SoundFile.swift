import Fault

/// An open recording: its header is checked against its bytes, its codec is on the allow-list, and it is decoded in
/// blocks. Uncompressed samples are read here, MP3 by libmpg123, everything else by libsndfile.
///
/// Samples are interleaved floats, full scale at ±1 (larger values of a float file are passed on). As many come out as
/// the file's structure holds, or the file is refused. A sound file serves one thread.
public struct SoundFile: ~Copyable {
    /// The file's header, checked.
    public let header: AudioHeader
    /// Frames per second, as decoded.
    public let sampleRate: Int
    /// Channels.
    public let channels: Int
    /// Frames that the decoder expects before decoding; `nil` if that cannot be known.
    public let expectedFrames: Int?
    /// Frames decoded so far.
    public private(set) var decodedFrames = 0

    private var plain: PlainSamples?
    private let mpeg: MPEGDecoder?
    private let sndfile: SndfileDecoder?

    /// Opens a file and checks everything that can be known without decoding it.
    ///
    /// - Parameter keepingTruncated: whether what is there of a truncated file is decoded, instead of refusing the file;
    ///   ``AudioHeader/truncation`` says so.
    public init(path: String, keepingTruncated: Bool = false) throws(SoundFileError) {
        let parsed = try AllowList.parse(
            ByteSource(path: path), ParsingRules(keepsTruncated: keepingTruncated))
        let found = parsed.header
        var (rate, channels, expected) = (found.sampleRate, found.channels, found.heldFrames)
        var (plain, mpeg, sndfile) = (PlainSamples?.none, MPEGDecoder?.none, SndfileDecoder?.none)
        switch parsed.samples {
        case .plain(let layout, let source): plain = PlainSamples(found, layout, of: source)
        case .mpeg(let stretches, let source):
            mpeg = MPEGDecoder(stretches, of: source, rate: rate, channels: channels)
        case .sndfile(let source):
            let opened = try SndfileDecoder(source, found)
            (rate, channels, expected) = (opened.sampleRate, opened.channels, expected ?? opened.frames)
            sndfile = opened
        }
        (header, sampleRate, self.channels, expectedFrames) = (found, rate, channels, expected)
        (self.plain, self.mpeg, self.sndfile) = (plain, mpeg, sndfile)
    }

    /// Decodes the next frames into `buffer`, interleaved; returns how many frames, 0 at the end.
    ///
    /// The frames are counted at the end: a file of which the decoder makes fewer than it holds is refused as
    /// `undecodable`. Blocks that are filled up end where the header says.
    public mutating func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let wanted = buffer.count / channels
        precondition(wanted > 0, "the buffer holds no frame")
        var got = try decode(into: buffer)
        if let held = header.heldFrames { got = min(got, held - decodedFrames) }
        decodedFrames += got
        if got == 0 { try checkLength() }
        return got
    }

    private mutating func decode(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        if let sndfile { return try sndfile.read(into: buffer) }
        if let mpeg { return try mpeg.read(into: buffer) }
        return try plain?.read(into: buffer) ?? 0
    }

    private func checkLength() throws(SoundFileError) {
        guard let expectedFrames, decodedFrames < expectedFrames else { return }
        // All bytes are there, as the parsers checked, so the decoder has skipped some.
        throw .undecodable("the audio is damaged: \(decodedFrames) of \(expectedFrames) samples could be decoded")
    }
}
