internal import CSndfile
import Synchronization

/// A file decoded by libsndfile.
struct SndfileDecoder: ~Copyable {
    /// Frames per second, channels, and frames in all, if libsndfile knows.
    let (sampleRate, channels, frames): (Int, Int, Int?)
    private let handle: OpaquePointer

    /// libsndfile keeps the reason of a failed open in one place for all threads: two opening at once would read each
    /// other's.
    private static let opening = Mutex<Void>(())

    init(_ source: borrowing ByteSource, _ header: AudioHeader) throws(SoundFileError) {
        var info = SF_INFO()
        // libsndfile gets its own descriptor to close: even if asked not to, it closes the descriptor when opening
        // fails, and closing it again could hit a file that another thread has opened meanwhile.
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
        self.handle = handle
        let isUnknown = info.frames <= 0 || info.frames == Int64.max
        (sampleRate, channels, frames) = (
            Int(info.samplerate), Int(info.channels), isUnknown ? nil : Int(info.frames)
        )
    }

    deinit { sf_close(handle) }

    /// Decodes the next frames into `buffer`; returns how many, 0 at the end, and the decoder's complaint, if any.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) -> (frames: Int, complaint: String?) {
        let got = max(0, Int(sf_readf_float(handle, buffer.baseAddress, sf_count_t(buffer.count / channels))))
        return (got, sf_error(handle) == SF_ERR_NO_ERROR ? nil : Self.words(sf_strerror(handle)))
    }

    /// A message from libsndfile in our style.
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
    /// Where libsndfile disagrees with our own parser, if anywhere.
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
