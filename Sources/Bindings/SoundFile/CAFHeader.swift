/// Apple's Core Audio Format: big-endian chunks with 64-bit sizes, uncompressed samples.
enum CAFHeader {
    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var source = source
        var (at, format, place) = (8, Format?.none, AudioPlace?.none)
        while at + 12 <= source.count {
            let head = try source.bytes(at: at, 12)
            let (size, start) = (head.big(4, 8), at + 12)
            // −1, all ones, stands for "to the end of the file".
            let isOpen = head.dropFirst(4).allSatisfy { $0 == 0xFF }
            if place != nil {
                try Remainder.checkNoRecording(&source, at: at)
                // After the audio, nothing needed is lost.
                guard !isOpen, size <= source.count - start else { break }
                at = start + size
                continue
            }
            if head.has("data") {
                guard format != nil else { throw .undecodable("the \"data\" chunk stands before any \"desc\" chunk") }
                // Four bytes count edits; the samples follow.
                let first = start + 4
                guard first <= source.count else {
                    throw .truncated("the file ends at byte \(source.count), before its audio")
                }
                let there = source.count - first
                let isUnfinished = isOpen || (size == 0 && there > 0)
                let judged = isUnfinished ? .open(there) : AudioSize(promised: max(0, size - 4), there: there)
                place = AudioPlace(start: first, size: judged)
                guard case .exact(let bytes) = judged else { break }
                at = first + bytes
                continue
            }
            guard !isOpen, size <= source.count - start else {
                throw .truncated(
                    "the chunk \"\(head.prefix(4).printable)\" at byte \(at) runs past the end of the file")
            }
            if head.has("desc") { format = try Format(try source.bytes(at: start, min(size, 32))) }
            at = start + size
        }
        guard let format, let place else {
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
        return try format.sound(place, source, rules)
    }

    private struct Format {
        let encoding: AudioEncoding
        let isBigEndian: Bool
        let (rate, channels): (Int, Int)

        init(_ chunk: ArraySlice<UInt8>) throws(SoundFileError) {
            guard chunk.count == 32 else { throw .undecodable("the \"desc\" chunk has \(chunk.count) bytes, not 32") }
            let pattern = chunk.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rate = Int(exactly: Double(bitPattern: pattern).rounded()) ?? 0
            let (kind, flags) = (chunk.dropFirst(8).prefix(4).printable, chunk.big(12, 4))
            let (packetBytes, channels, bits) = (chunk.big(16, 4), chunk.big(24, 4), chunk.big(28, 4))
            self.channels = channels
            isBigEndian = flags & 2 == 0
            switch (kind, flags & 1, bits) {
            case ("lpcm", 1, 32): encoding = .float32
            case ("lpcm", 1, 64): encoding = .float64
            case ("lpcm", 0, 8): encoding = .pcmS8
            case ("lpcm", 0, 16): encoding = .pcm16
            case ("lpcm", 0, 24): encoding = .pcm24
            case ("lpcm", 0, 32): encoding = .pcm32
            case ("ulaw", _, _): encoding = .muLaw
            case ("alaw", _, _): encoding = .aLaw
            case ("lpcm", _, _): throw .unsupported("CAF samples of \(bits) bits are not supported")
            default:
                throw .unsupported(
                    "the CAF codec \"\(kind)\" is not supported; PCM, float, µ-law and A-law are; \(AllowList.advice)")
            }
            _ = try AudioHeader(.caf, encoding, sampleRate: rate, channels: channels, heldFrames: nil)
            guard packetBytes == channels * (encoding.plainWidth ?? 1) else {
                throw .undecodable(
                    "the header contradicts itself: \(channels) channels of \(bits) bits in frames of \(packetBytes) bytes"
                )
            }
        }

        func sound(
            _ place: AudioPlace, _ source: ByteSource, _ rules: ParsingRules
        ) throws(SoundFileError) -> ParsedSound {
            let (held, isOpenEnded, truncation) = try place.frames(
                unit: channels * (encoding.plainWidth ?? 1), rate: rate, rules)
            let header = try AudioHeader(
                .caf, encoding, sampleRate: rate, channels: channels, heldFrames: held, truncation: truncation,
                isOpenEnded: isOpenEnded)
            let layout = PlainLayout(start: place.start, frames: held, isBigEndian: isBigEndian)
            return ParsedSound(header: header, samples: .plain(layout, source))
        }
    }
}
