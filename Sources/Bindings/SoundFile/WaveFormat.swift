/// The format that WAV and Wave64 describe in their "fmt " chunk.
struct WaveFormat {
    /// The codec.
    let codec: Codec
    /// Channels, frames per second, and bytes per frame or block.
    let (channels, rate, frameBytes): (Int, Int, Int)

    enum Codec: Equatable {
        case samples(AudioEncoding)
        /// MPEG layer III frames, one behind the other.
        case mp3
    }

    /// The samples per channel of one block of `frameBytes`.
    var framesPerBlock: Int { codec == .samples(.gsm610) ? 320 : 1 }
    /// Bytes per second.
    var bytesPerSecond: Int { max(1, frameBytes * rate / framesPerBlock) }

    init(_ chunk: ArraySlice<UInt8>) throws(SoundFileError) {
        guard chunk.count >= 16 else { throw .undecodable("the \"fmt \" chunk has \(chunk.count) bytes, not 16") }
        var tag = chunk.little(0, 2)
        let (channels, rate) = (chunk.little(2, 2), chunk.little(4, 4))
        let (frameBytes, bits) = (chunk.little(12, 2), chunk.little(14, 2))
        if tag == 0xFFFE {
            // WAVE_FORMAT_EXTENSIBLE: the old codec tag is the start of a GUID with a fixed tail.
            guard chunk.count >= 40 else {
                throw .undecodable("the extensible \"fmt \" chunk has \(chunk.count) bytes, not 40")
            }
            let tail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
            guard chunk.dropFirst(26).elementsEqual(tail) else {
                throw .unsupported("the WAV codec is an unknown extension; PCM, float, µ-law and A-law are supported")
            }
            tag = chunk.little(24, 2)
        }
        (self.channels, self.rate) = (channels, rate)
        if tag == 0x55 {
            (codec, self.frameBytes) = (.mp3, 1)
            return
        }
        let encoding = try Self.encoding(tag: tag, bits: bits)
        codec = .samples(encoding)
        self.frameBytes = frameBytes
        // AudioHeader's bounds first: they give a better message than a block size that does not add up.
        _ = try AudioHeader(.wav, encoding, sampleRate: rate, channels: channels, heldFrames: nil)
        if encoding == .gsm610 {
            guard channels == 1, frameBytes == 65 else {
                throw .undecodable("GSM 6.10 of \(channels) channels in blocks of \(frameBytes) bytes, not 1 and 65")
            }
            return
        }
        guard frameBytes == channels * bits / 8 else {
            throw .undecodable(
                "the header contradicts itself: \(channels) channels of \(bits) bits in frames of \(frameBytes) bytes")
        }
    }

    private static func encoding(tag: Int, bits: Int) throws(SoundFileError) -> AudioEncoding {
        switch (tag, bits) {
        case (1, 8): return .pcm8
        case (1, 16): return .pcm16
        case (1, 24): return .pcm24
        case (1, 32): return .pcm32
        case (3, 32): return .float32
        case (3, 64): return .float64
        case (6, 8): return .aLaw
        case (7, 8): return .muLaw
        case (0x31, _): return .gsm610
        case (1, _), (3, _), (6, _), (7, _):
            throw .unsupported("WAV samples of \(bits) bits (codec \(tag)) are not supported")
        default:
            let name = knownCodecs[tag] ?? "number \(tag)"
            throw .unsupported(
                "the WAV codec \(name) is not supported; PCM, float, µ-law, A-law, GSM 6.10 and MP3 are")
        }
    }

    private static let knownCodecs = [
        2: "Microsoft ADPCM", 0x11: "IMA ADPCM", 0x50: "MPEG", 0x40: "G.721 ADPCM", 0x45: "G.726 ADPCM",
        0x65: "G.722", 0x161: "Windows Media Audio", 0xFF: "AAC", 0x1610: "HE-AAC", 0x14: "G.723 ADPCM",
        0x22: "TrueSpeech", 0x2001: "DTS", 0xA109: "Speex", 0x704F: "Opus", 0xF1AC: "FLAC",
    ]

    /// The audio that a container holds in this format.
    ///
    /// - Parameters:
    ///   - container: what it is in.
    ///   - place: where it is.
    func sound(
        _ container: AudioContainer, _ place: AudioPlace, _ source: ByteSource, _ rules: ParsingRules
    ) throws(SoundFileError) -> ParsedSound {
        guard case .samples(let encoding) = codec else { return try mp3(container, place, source, rules) }
        let (held, isOpenEnded, truncation) = try place.frames(
            unit: frameBytes, of: framesPerBlock, rate: rate, rules)
        let blocks = held / framesPerBlock
        let header = try AudioHeader(
            container, encoding, sampleRate: rate, channels: channels, heldFrames: held, truncation: truncation,
            isOpenEnded: isOpenEnded)
        if encoding == .gsm610 {
            let audio = source.pieces(place.start..<place.start + blocks * frameBytes)
            return ParsedSound(header: header, samples: .sndfile(source.arranged([.bytes(gsmHeader(blocks))] + audio)))
        }
        return ParsedSound(header: header, samples: .plain(PlainLayout(start: place.start, frames: held), source))
    }

    /// MP3 frames have their own structure, which says all that is in the chunk.
    private func mp3(
        _ container: AudioContainer, _ place: AudioPlace, _ source: ByteSource, _ rules: ParsingRules
    ) throws(SoundFileError) -> ParsedSound {
        var (held, isOpenEnded, truncation) = (source.count - place.start, false, String?.none)
        switch place.size {
        case .exact(let bytes): held = bytes
        case .open: isOpenEnded = true
        case .short(let promised, let there):
            truncation = try rules.truncation(
                .truncated("the header promises \(promised) bytes of MP3, the file holds \(there)"), held: there)
        }
        let inside = try MPEGFrames.read(source.part(place.start..<place.start + held), rules)
        let header = try AudioHeader(
            container, .mp3, sampleRate: inside.header.sampleRate, channels: inside.header.channels,
            heldFrames: inside.header.heldFrames, truncation: inside.header.truncation ?? truncation,
            isOpenEnded: isOpenEnded)
        return ParsedSound(header: header, samples: inside.samples)
    }

    /// A header for libsndfile that says what is there, whatever the recorder left in its own.
    private func gsmHeader(_ blocks: Int) -> [UInt8] {
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let format =
            little(0x31, 2) + little(1, 2) + little(rate, 4) + little(rate * 65 / 320, 4) + little(65, 2) + little(0, 2)
            + little(2, 2) + little(320, 2)
        let chunks =
            Array("WAVEfmt ".utf8) + little(20, 4) + format + Array("fact".utf8) + little(4, 4)
            + little(blocks * 320, 4) + Array("data".utf8) + little(blocks * 65, 4)
        return Array("RIFF".utf8) + little(chunks.count + blocks * 65, 4) + chunks
    }
}
