/// The header of one MP3 frame.
struct MPEGFrame {
    /// What stays the same within a stream: version, layer, rate, and mono or not.
    let signature: Int
    /// Frames per second, and channels.
    let (rate, channels): (Int, Int)
    /// Samples per channel.
    let samples: Int
    /// Its length in bytes.
    let bytes: Int
    /// The length of the side information, behind which an info frame has its figures.
    let sideInfo: Int
    /// Its header without checksum and padding.
    let plainHeader: Int
    /// Whether two bytes of checksum are before the side information.
    let hasChecksum: Bool

    /// The longest frame: 320 kbit/s at 32 kHz, padded; the lower rates have no longer one.
    static let mostBytes = 1441

    /// Reads a frame's first four bytes; `nil` if they do not start a layer III frame of known length.
    init?(_ word: Int) {
        let (version, layer) = (word >> 19 & 3, word >> 17 & 3)
        let (bitrateIndex, rateIndex, mode) = (word >> 12 & 15, word >> 10 & 3, word >> 6 & 3)
        guard word >> 21 == 0x7FF, version != 1, layer == 1, (1..<15).contains(bitrateIndex), rateIndex < 3 else {
            return nil
        }
        let isVersion1 = version == 3
        rate = [44_100, 48_000, 32_000][rateIndex] >> (isVersion1 ? 0 : version == 2 ? 1 : 2)
        channels = mode == 3 ? 1 : 2
        samples = isVersion1 ? 1152 : 576
        let kilobits = (isVersion1 ? Self.bitrates1 : Self.bitrates2)[bitrateIndex]
        sideInfo = isVersion1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17)
        signature = (word >> 17) << 4 | rateIndex << 2 | channels
        bytes = samples / 8 * kilobits * 1000 / rate + (word >> 9 & 1)
        plainHeader = (word | 1 << 16) & ~(1 << 9)
        hasChecksum = word >> 16 & 1 == 0
    }

    /// The stream's kind for a message: `44100 Hz stereo`.
    var kind: String { "\(rate) Hz \(channels == 1 ? "mono" : "stereo")" }

    /// Why four bytes that start some MPEG frame are refused; `nil` if they start none.
    static func refusal(of word: Int) -> String? {
        guard word >> 21 == 0x7FF, word >> 19 & 3 != 1 else { return nil }
        let layer = word >> 17 & 3
        if layer > 1 { return "MPEG audio layer \(4 - layer) is not supported, layer 3 is" }
        return layer == 1 && word >> 12 & 15 == 0 ? "MP3 of free format is not supported" : nil
    }

    /// Kilobits per second by index, MPEG-1 and MPEG-2/2.5.
    private static let bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    private static let bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
}

/// What the info frame says that an encoder writes before the audio: "Xing", "Info" with LAME's extension, or "VBRI".
struct MPEGInfo {
    /// The frames behind it; `nil` if it does not say.
    let frames: Int?
    /// The bytes of all frames with itself; `nil` if it does not say.
    let bytes: Int?
    /// Samples to leave out at the start and at the end; `nil` if it does not say.
    private(set) var (delay, padding): (Int?, Int?) = (nil, nil)
    /// Its own length.
    let frameBytes: Int

    /// Reads the frame at an offset; `nil` if it is one of audio.
    init?(_ source: inout ByteSource, at: Int, _ frame: MPEGFrame) throws(SoundFileError) {
        frameBytes = frame.bytes
        let body = try source.bytes(at: at, frame.bytes)
        if body.has("VBRI", at: 36), body.count >= 36 + 18 {
            bytes = Self.positive(body.big(36 + 10, 4))
            frames = Self.positive(body.big(36 + 14, 4))
            return
        }
        let start = [4 + frame.sideInfo, 6 + frame.sideInfo].first {
            body.has("Xing", at: $0) || body.has("Info", at: $0)
        }
        guard let start, start == 4 + frame.sideInfo || frame.hasChecksum, body.count >= start + 8 else { return nil }
        let flags = body.big(start + 4, 4)
        var next = start + 8
        func number(_ isThere: Bool) -> Int? {
            guard isThere, body.count >= next + 4 else { return nil }
            defer { next += 4 }
            return Self.positive(body.big(next, 4))
        }
        frames = number(flags & 1 != 0)
        bytes = number(flags & 2 != 0)
        if flags & 4 != 0 { next += 100 }
        if flags & 8 != 0 { next += 4 }
        // LAME's extension starts with the encoder's name; 21 bytes on are two numbers of 12 bits.
        guard body.count >= next + 24, body.big(next, 1) != 0 else { return }
        let packed = body.big(next + 21, 3)
        (delay, padding) = (packed >> 12, packed & 0xFFF)
    }

    /// 0 stands for "not known".
    private static func positive(_ value: Int) -> Int? { value > 0 ? value : nil }
}
