import Fault

/// An open recording: its header is checked against its bytes, its codec is on the allow-list, and it is decoded in
/// blocks. Uncompressed samples are read here, everything else by libsndfile.
///
/// Samples are interleaved floats, full scale at ±1 (larger values of a float file are passed on). A sound file serves
/// one thread.
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

    private var source: ByteSource
    private var plain: PlainSamples?
    private let decoder: SndfileDecoder?

    /// Opens a file and checks everything that can be known without decoding it.
    public init(path: String) throws(SoundFileError) {
        var source = try ByteSource(path: path)
        let header = try AllowList.header(of: &source)
        if let plain = PlainSamples(header) {
            (sampleRate, channels) = (header.sampleRate, header.channels)
            expectedFrames = header.plain?.frames
            self.plain = plain
            decoder = nil
        } else {
            let opened = try SndfileDecoder(source, header)
            (sampleRate, channels) = (opened.sampleRate, opened.channels)
            expectedFrames = header.promisedFrames ?? opened.frames
            plain = nil
            decoder = consume opened
        }
        self.source = source
        self.header = header
    }

    /// Decodes the next frames into `buffer`, interleaved; returns how many frames, 0 at the end.
    ///
    /// The frames are counted at the end: a file that promised more is refused as `truncated`, one in which the decoder
    /// lost its way as `undecodable`.
    public mutating func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let wanted = buffer.count / channels
        precondition(wanted > 0, "the buffer holds no frame")
        let got: Int
        var complaint: String?
        if decoder == nil {
            got = try plain?.read(source, into: buffer) ?? 0
        } else {
            (got, complaint) = decoder?.read(into: buffer) ?? (0, nil)
        }
        decodedFrames += got
        if let complaint { return try judge(complaint, got) }
        if got == 0 { try checkLength() }
        return got
    }

    private mutating func judge(_ complaint: String, _ got: Int) throws(SoundFileError) -> Int {
        // Tags that some programs append to a FLAC stream confuse the decoder, but only there.
        if let promised = header.promisedFrames, decodedFrames == promised { return got }
        if header.container == .flac, try !FLACTail.isWhole(&source) {
            if let promised = header.promisedFrames {
                throw .truncated(promised: promised, held: decodedFrames, rate: sampleRate)
            }
            throw .truncated("the file ends inside a FLAC frame")
        }
        throw .undecodable("the audio is damaged: \(complaint)")
    }

    private func checkLength() throws(SoundFileError) {
        guard let expectedFrames, decodedFrames < expectedFrames else { return }
        if header.promisedFrames != nil {
            throw .truncated(promised: expectedFrames, held: decodedFrames, rate: sampleRate)
        }
        // All bytes are there, as the parsers checked, so the decoder has skipped some: mpg123 does so silently.
        throw .undecodable("the audio is damaged: \(decodedFrames) of \(expectedFrames) samples could be decoded")
    }
}
