/// The containers on the allow-list.
public enum AudioContainer: String, Sendable {
    /// RIFF/WAVE.
    case wav
    /// WAVE with 64-bit sizes (EBU Tech 3306, ITU-R BS.2088).
    case rf64
    /// Sony Wave64.
    case w64
    /// AIFF and AIFF-C.
    case aiff
    /// Sun/NeXT AU.
    case au
    /// Apple's Core Audio Format.
    case caf
    /// FLAC in its own container.
    case flac
    /// Ogg with one Vorbis, Opus or FLAC stream.
    case ogg
    /// A bare MPEG audio stream, with or without tags.
    case mp3
}

/// The codecs on the allow-list. ADPCM and the like are left out on purpose: they are rare in the field, and the source
/// of libsndfile's published memory errors.
public enum AudioEncoding: String, Sendable {
    /// Unsigned 8-bit PCM.
    case pcm8 = "pcm_u8"
    /// Signed 8-bit PCM.
    case pcmS8 = "pcm_s8"
    /// Signed 16-bit PCM.
    case pcm16 = "pcm_s16"
    /// Signed 24-bit PCM.
    case pcm24 = "pcm_s24"
    /// Signed 32-bit PCM.
    case pcm32 = "pcm_s32"
    /// 32-bit floating point.
    case float32 = "pcm_f32"
    /// 64-bit floating point.
    case float64 = "pcm_f64"
    /// G.711 µ-law.
    case muLaw = "mulaw"
    /// G.711 A-law.
    case aLaw = "alaw"
    /// GSM 06.10 full rate, as WAV contains it.
    case gsm610
    /// FLAC of 8, 16 or 24 bits.
    case flac
    /// Vorbis I.
    case vorbis
    /// Opus (RFC 7845).
    case opus
    /// MPEG-1, -2 or -2.5 layer III.
    case mp3
}

/// A file's header, checked against the actual bytes before any decoder sees it.
public struct AudioHeader: Hashable, Sendable {
    /// The container.
    public let container: AudioContainer
    /// The codec.
    public let encoding: AudioEncoding
    /// Frames per second.
    public let sampleRate: Int
    /// Channels.
    public let channels: Int
    /// Frames (samples per channel) that the file's structure holds, counted; `nil` if only a decoder can count them
    /// (Vorbis and Opus).
    public let heldFrames: Int?
    /// How the file is truncated, in words; `nil` if it is whole, or if a truncated file is refused.
    public let truncation: String?
    /// Whether the file does not say where it ends, though its format asks for it: a writer could not go back to its
    /// header, or was stopped. If such a file was cut, that cannot be detected.
    public let isOpenEnded: Bool

    init(
        _ container: AudioContainer, _ encoding: AudioEncoding, sampleRate: Int, channels: Int, heldFrames: Int?,
        truncation: String? = nil, isOpenEnded: Bool = false
    ) throws(SoundFileError) {
        // A header can express more than a microphone records: outside these bounds it is damaged or bogus.
        guard channels > 0 else { throw .undecodable("the header says 0 channels") }
        guard channels <= Self.mostChannels else {
            throw .unsupported("the header says \(channels) channels, at most \(Self.mostChannels) are supported")
        }
        guard sampleRate > 0 else { throw .undecodable("the header says a sample rate of 0 Hz") }
        guard Self.sampleRates.contains(sampleRate) else {
            let (low, high) = (Self.sampleRates.lowerBound, Self.sampleRates.upperBound)
            throw .unsupported("the header says a sample rate of \(sampleRate) Hz, \(low) to \(high) Hz are supported")
        }
        self.container = container
        self.encoding = encoding
        self.sampleRate = sampleRate
        self.channels = channels
        self.heldFrames = heldFrames
        self.truncation = truncation
        self.isOpenEnded = isOpenEnded
    }

    /// Checks a file's headers without opening a decoder.
    package init(ofFile path: String, keepingTruncated: Bool = false) throws(SoundFileError) {
        self = try AllowList.parse(ByteSource(path: path), ParsingRules(keepsTruncated: keepingTruncated)).header
    }

    /// The most channels a file may have: enough for arrays and ambisonics, but not for a random 16-bit number.
    static let mostChannels = 256
    /// The supported sample rates in Hz.
    static let sampleRates = 1_000...768_000
}
