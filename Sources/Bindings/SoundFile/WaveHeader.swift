/// RIFF/WAVE and RF64 headers (Microsoft/IBM 1991, the WAVEFORMATEXTENSIBLE note, EBU Tech 3306).
///
/// libsndfile silently clamps the data chunk to the file's size, so the sizes are checked here.
struct WaveHeader {
    private var isRF64 = false
    private var format: (encoding: AudioEncoding, channels: Int, rate: Int, frameBytes: Int)?
    private var longDataSize: Int?
    private var dataFrames: (promised: Int?, held: Int)?
    private var dataStart = 0

    /// Whether a data size is one that writers use if they cannot seek back to the header: all ones (ffmpeg), the
    /// largest signed number, or sox's 0x7FFFF000, rounded down to whole frames. They mean "to the end of the file";
    /// truncation cannot be detected in such a file.
    private static func isStreamed(_ size: Int, frameBytes: Int) -> Bool {
        [0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F000 / frameBytes * frameBytes].contains(size)
    }

    static func read(_ source: inout ByteSource) throws(SoundFileError) -> AudioHeader {
        var header = WaveHeader()
        try header.walk(&source)
        guard let format = header.format else { throw .undecodable("the file has no \"fmt \" chunk") }
        guard let data = header.dataFrames else { throw .undecodable("the file has no \"data\" chunk") }
        let audio = try AudioHeader(
            header.isRF64 ? .rf64 : .wav, format.encoding, sampleRate: format.rate, channels: format.channels,
            promisedFrames: data.promised,
            plain: PlainLayout(format.encoding, start: header.dataStart, frames: data.promised ?? data.held))
        if let promised = data.promised, promised > data.held {
            throw .truncated(promised: promised, held: data.held, rate: format.rate)
        }
        return audio
    }

    private mutating func walk(_ source: inout ByteSource) throws(SoundFileError) {
        isRF64 = try source.bytes(at: 0, 4).has("RF64")
        var at = 12
        while at + 8 <= source.count {
            let head = try source.bytes(at: at, 8)
            let (name, size, start) = (head.prefix(4).printable, head.little(4, 4), at + 8)
            if head.has("data") {
                try takeData(&source, start: start, size: size)
                guard let data = dataFrames, data.promised.map({ $0 <= data.held }) == true else { return }
            } else if start + size > source.count {
                // After the audio, nothing needed is lost; before it, everything is.
                if dataFrames != nil { return }
                throw .truncated("the chunk \"\(name)\" at byte \(at) runs past the end of the file")
            } else if head.has("fmt ") {
                guard format == nil else { throw .undecodable("a second \"fmt \" chunk stands at byte \(at)") }
                try takeFormat(try source.bytes(at: start, min(size, 40)))
            } else if head.has("ds64"), isRF64 {
                guard size >= 28 else { throw .undecodable("the \"ds64\" chunk has \(size) bytes, not 28") }
                longDataSize = try source.bytes(at: start, 28).little(8, 8)
            }
            let dataSize = head.has("data") ? longSize(size) : size
            at = start + dataSize + dataSize & 1
        }
        if dataFrames == nil, try source.bytes(at: 4, 4).little(0, 4) > source.count - 8 {
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
    }

    private func longSize(_ size: Int) -> Int { isRF64 && size == 0xFFFF_FFFF ? longDataSize ?? size : size }

    private mutating func takeData(
        _ source: inout ByteSource, start: Int, size: Int
    ) throws(SoundFileError) {
        guard let format else { throw .undecodable("the \"data\" chunk stands before any \"fmt \" chunk") }
        guard dataFrames == nil else { throw .undecodable("a second \"data\" chunk stands at byte \(start - 8)") }
        if isRF64, longDataSize == nil { throw .undecodable("the RF64 file has no \"ds64\" chunk") }
        let there = source.count - start
        let promised = longSize(size)
        if promised == 0, there > 0, try source.bytes(at: 4, 4).little(0, 4) <= start - 8 {
            // A recorder that lost power leaves the zeros it started with: the audio was never completed.
            throw .truncated("the header was never completed: it promises 0 bytes of audio, \(there) bytes follow")
        }
        dataStart = start
        let isStreamed = promised > there && Self.isStreamed(promised, frameBytes: format.frameBytes)
        dataFrames = (isStreamed ? nil : promised / format.frameBytes, there / format.frameBytes)
    }

    private mutating func takeFormat(_ chunk: ArraySlice<UInt8>) throws(SoundFileError) {
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
        let encoding = try Self.encoding(tag: tag, bits: bits)
        // AudioHeader's bounds first: they give a better message than a block size that does not add up.
        _ = try AudioHeader(.wav, encoding, sampleRate: rate, channels: channels, promisedFrames: nil)
        guard frameBytes == channels * bits / 8 else {
            throw .undecodable(
                "the header contradicts itself: \(channels) channels of \(bits) bits in frames of \(frameBytes) bytes")
        }
        format = (encoding, channels, rate, frameBytes)
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
        case (1, _), (3, _), (6, _), (7, _):
            throw .unsupported("WAV samples of \(bits) bits (codec \(tag)) are not supported")
        default:
            let name = knownCodecs[tag] ?? "number \(tag)"
            throw .unsupported("the WAV codec \(name) is not supported; PCM, float, µ-law and A-law are")
        }
    }

    private static let knownCodecs = [
        2: "Microsoft ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG", 0x55: "MP3", 0x40: "G.721 ADPCM",
    ]
}
