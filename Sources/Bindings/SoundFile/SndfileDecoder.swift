internal import CSndfile
import Synchronization

/// Bytes decoded by libsndfile.
final class SndfileDecoder {
    /// Frames per second, channels, and frames in all, if libsndfile knows.
    let (sampleRate, channels, frames): (Int, Int, Int?)
    private let handle: OpaquePointer
    private let reader: SourceReader

    /// libsndfile keeps the reason of a failed open in one place for all threads: two opening at once would read each
    /// other's.
    private static let opening = Mutex<Void>(())

    init(_ source: ByteSource, _ header: AudioHeader) throws(SoundFileError) {
        var info = SF_INFO()
        let reader = SourceReader(source)
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(SourceReader.at($0)?.source.count ?? 0) },
            seek: { sf_count_t(SourceReader.at($2)?.seek(Int($0), $1) ?? -1) },
            read: { sf_count_t(SourceReader.at($2)?.read($0, Int($1)) ?? 0) },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(SourceReader.at($0)?.position ?? 0) })
        var refusal = ""
        // As a number, since the lock would not hand out what depends on the reader.
        let address = Self.opening.withLock { _ in
            let opened = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, reader.pointer)
            if opened == nil { refusal = Self.words(sf_strerror(nil)) }
            return UInt(bitPattern: opened)
        }
        guard let handle = OpaquePointer(bitPattern: address) else {
            throw reader.failure ?? .undecodable("the decoder refuses the file: \(refusal)")
        }
        if let mismatch = header.disagreement(with: info) {
            sf_close(handle)
            throw .undecodable(mismatch)
        }
        self.handle = handle
        self.reader = reader
        let isUnknown = info.frames <= 0 || info.frames == Int64.max
        (sampleRate, channels, frames) = (
            Int(info.samplerate), Int(info.channels), isUnknown ? nil : Int(info.frames)
        )
    }

    deinit { sf_close(handle) }

    /// Decodes the next frames into `buffer`; returns how many, 0 at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let got = max(0, Int(sf_readf_float(handle, buffer.baseAddress, sf_count_t(buffer.count / channels))))
        if let failure = reader.failure { throw failure }
        guard sf_error(handle) == SF_ERR_NO_ERROR else {
            throw .undecodable("the audio is damaged: \(Self.words(sf_strerror(handle)))")
        }
        return got
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
        let minor = Int(info.format) & Int(SF_FORMAT_SUBMASK)
        guard encoding.formats.contains(minor) else {
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

extension AudioEncoding {
    /// libsndfile's names of a codec that it decodes for us.
    fileprivate var formats: [Int] {
        switch self {
        case .flac: [Int(SF_FORMAT_PCM_S8), Int(SF_FORMAT_PCM_16), Int(SF_FORMAT_PCM_24)]
        case .vorbis: [Int(SF_FORMAT_VORBIS)]
        case .opus: [Int(SF_FORMAT_OPUS)]
        case .gsm610: [Int(SF_FORMAT_GSM610)]
        case .pcm8, .pcmS8, .pcm16, .pcm24, .pcm32, .float32, .float64, .muLaw, .aLaw, .mp3: []
        }
    }
}
