internal import CSndfile
import Fault
import Synchronization

/// An open recording: its header checked against its bytes, its codec on the allow-list, decoded in blocks by libsndfile.
///
/// Samples are interleaved floats, full scale at ±1 (what a float file holds beyond that is passed on). One handle belongs
/// to one thread.
public struct SoundFile: ~Copyable {
    /// What the file says about itself, checked.
    public let header: AudioHeader
    /// Frames a second, as decoded.
    public let sampleRate: Int
    /// Channels.
    public let channels: Int
    /// Frames that the decoder expects, before any is decoded; `nil` if nobody can know.
    public let expectedFrames: Int?
    /// Frames decoded so far.
    public private(set) var decodedFrames = 0

    /// Why opening failed stands in one place for all threads: two that open at once would read each other's reasons.
    private static let opening = Mutex<Void>(())

    private var source: ByteSource
    private let handle: OpaquePointer

    /// Opens a file and checks all that can be known without decoding it.
    public init(path: String) throws(SoundFileError) {
        var source = try ByteSource(path: path)
        let header = try AllowList.header(of: &source)
        var info = SF_INFO()
        // libsndfile gets a descriptor of its own to close: told not to, it closes it nevertheless where opening fails,
        // and a second close could hit a file that another thread has opened meanwhile.
        let descriptor = try source.duplicateDescriptor()
        var refusal = ""
        let opened = Self.opening.withLock { _ in
            let opened = sf_open_fd(descriptor, Int32(SFM_READ), &info, 1)
            if opened == nil { refusal = Self.words(sf_strerror(nil)) }
            return opened
        }
        guard let handle = opened else { throw .undecodable("the decoder refuses the file: \(refusal)") }
        if let mismatch = header.disagreement(with: info) {
            sf_close(handle)
            throw .undecodable(mismatch)
        }
        self.source = source
        self.handle = handle
        self.header = header
        sampleRate = Int(info.samplerate)
        channels = Int(info.channels)
        let isUnknown = info.frames <= 0 || info.frames == Int64.max
        expectedFrames = header.promisedFrames ?? (isUnknown ? nil : Int(info.frames))
    }

    deinit { sf_close(handle) }

    /// Decodes the next frames into `buffer`, interleaved; returns how many frames, 0 at the end.
    ///
    /// At the end the frames are counted: a file that promised more is refused as `truncated`, one in which the decoder
    /// lost its way as `undecodable`.
    public mutating func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let wanted = buffer.count / channels
        precondition(wanted > 0, "the buffer holds no frame")
        let got = max(0, Int(sf_readf_float(handle, buffer.baseAddress, sf_count_t(wanted))))
        decodedFrames += got
        guard sf_error(handle) == SF_ERR_NO_ERROR else {
            // Tags that some programs put behind a FLAC stream throw the decoder off, but only there.
            if let promised = header.promisedFrames, decodedFrames == promised { return got }
            if header.container == .flac, try !FLACTail.isWhole(&source) {
                if let promised = header.promisedFrames {
                    throw .truncated(promised: promised, held: decodedFrames, rate: sampleRate)
                }
                throw .truncated("the file ends inside a FLAC frame")
            }
            throw .undecodable("the audio is damaged: \(Self.words(sf_strerror(handle)))")
        }
        if got == 0 { try checkLength() }
        return got
    }

    private func checkLength() throws(SoundFileError) {
        guard let expectedFrames, decodedFrames < expectedFrames else { return }
        if header.promisedFrames != nil {
            throw .truncated(promised: expectedFrames, held: decodedFrames, rate: sampleRate)
        }
        // The bytes are all there (the parsers saw to that), so the decoder has skipped some: mpg123 does, silently.
        throw .undecodable("the audio is damaged: \(decodedFrames) of \(expectedFrames) samples could be decoded")
    }

    /// A message of libsndfile's in this house's manner.
    private static func words(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "no reason given" }
        var words = Substring(String(cString: text))
        if let colon = words.firstIndex(of: ":"), words.hasPrefix("Error") { words = words[colon...].dropFirst() }
        words = words.drop { $0.isWhitespace }
        while let last = words.last, last == "." || last.isWhitespace { words.removeLast() }
        return String(words)
    }
}

extension AudioHeader {
    /// What libsndfile understood otherwise than our own parser did, if anything.
    fileprivate func disagreement(with info: SF_INFO) -> String? {
        let major = Int(info.format) & Int(SF_FORMAT_TYPEMASK)
        let minor = Int(info.format) & Int(SF_FORMAT_SUBMASK)
        guard container.formats.contains(major), encoding.formats.contains(minor) else {
            return "the decoder takes the file for another format (\(String(info.format, radix: 16)))"
        }
        guard Int(info.channels) == channels else {
            return "the header says \(channels) channels, the decoder finds \(info.channels)"
        }
        guard encoding == .opus || Int(info.samplerate) == sampleRate else {
            return "the header says \(sampleRate) Hz, the decoder finds \(info.samplerate)"
        }
        return nil
    }
}

extension AudioContainer {
    fileprivate var formats: [Int] {
        switch self {
        case .wav: [Int(SF_FORMAT_WAV), Int(SF_FORMAT_WAVEX)]
        case .rf64: [Int(SF_FORMAT_RF64)]
        case .flac: [Int(SF_FORMAT_FLAC)]
        case .ogg: [Int(SF_FORMAT_OGG)]
        case .mp3: [Int(SF_FORMAT_MPEG)]
        }
    }
}

extension AudioEncoding {
    fileprivate var formats: [Int] {
        switch self {
        case .pcm8: [Int(SF_FORMAT_PCM_U8)]
        case .pcm16: [Int(SF_FORMAT_PCM_16)]
        case .pcm24: [Int(SF_FORMAT_PCM_24)]
        case .pcm32: [Int(SF_FORMAT_PCM_32)]
        case .float32: [Int(SF_FORMAT_FLOAT)]
        case .float64: [Int(SF_FORMAT_DOUBLE)]
        case .muLaw: [Int(SF_FORMAT_ULAW)]
        case .aLaw: [Int(SF_FORMAT_ALAW)]
        case .flac: [Int(SF_FORMAT_PCM_S8), Int(SF_FORMAT_PCM_16), Int(SF_FORMAT_PCM_24)]
        case .vorbis: [Int(SF_FORMAT_VORBIS)]
        case .opus: [Int(SF_FORMAT_OPUS)]
        case .mp3: [Int(SF_FORMAT_MPEG_LAYER_III)]
        }
    }
}
