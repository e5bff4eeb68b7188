import Foundation

/// AIFF and AIFF-C headers (Apple 1989, 1991): big-endian chunks, uncompressed samples.
struct AIFFHeader {
    private var source: ByteSource
    private var format: (encoding: AudioEncoding, isBigEndian: Bool, channels: Int, rate: Int, frames: Int)?
    private var place: AudioPlace?

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var header = AIFFHeader(source: source)
        try header.walk()
        if header.format == nil, 8 + (try header.source.bytes(at: 4, 4).big(0, 4)) > source.count {
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
        guard let format = header.format else { throw .undecodable("the file has no \"COMM\" chunk") }
        guard let place = header.place else {
            if format.frames > 0 { throw .truncated("the file ends at byte \(source.count), before its audio") }
            throw .undecodable("the file has no \"SSND\" chunk")
        }
        let unit = format.channels * (format.encoding.plainWidth ?? 1)
        _ = try AudioHeader(
            .aiff, format.encoding, sampleRate: format.rate, channels: format.channels, heldFrames: nil)
        var (held, isOpenEnded, truncation) = try place.frames(unit: unit, rate: format.rate, rules)
        if !isOpenEnded, truncation == nil, format.frames != held {
            guard format.frames < held else {
                throw .truncated(promised: format.frames, held: held, rate: format.rate)
            }
            // A recorder that was stopped leaves the count at 0. Otherwise less than a block may be left over.
            if format.frames == 0 {
                isOpenEnded = true
            } else if held - format.frames >= format.rate {
                throw .undecodable(
                    "the header contradicts itself: \(format.frames) samples in \"COMM\", \(held) in \"SSND\"")
            } else {
                held = format.frames
            }
        }
        let audio = try AudioHeader(
            .aiff, format.encoding, sampleRate: format.rate, channels: format.channels, heldFrames: held,
            truncation: truncation, isOpenEnded: isOpenEnded)
        let layout = PlainLayout(start: place.start, frames: held, isBigEndian: format.isBigEndian)
        return ParsedSound(header: audio, samples: .plain(layout, source))
    }

    private init(source: ByteSource) { self.source = source }

    private mutating func walk() throws(SoundFileError) {
        let top = try source.bytes(at: 0, 12)
        let isCompressed = top.has("AIFC", at: 8)
        let end = 8 + top.big(4, 4)
        var at = 12
        while at + 8 <= source.count {
            let head = try source.bytes(at: at, 8)
            let (size, start) = (head.big(4, 4), at + 8)
            if place != nil { try Remainder.checkNoRecording(&source, at: at) }
            if head.has("SSND") {
                guard place == nil else { throw .undecodable("a second \"SSND\" chunk stands at byte \(at)") }
                guard start + 8 <= source.count else {
                    throw .truncated("the file ends at byte \(source.count), before its audio")
                }
                let first = start + 8 + (try source.bytes(at: start, 4).big(0, 4))
                let there = max(0, source.count - first)
                var judged = AudioSize(promised: max(0, size - (first - start)), there: there)
                if size == 0, there > 0 { judged = .open(there) }
                if case .short(let promised, _) = judged, (source.count - 1...source.count + 8).contains(end),
                    first + promised > end
                {
                    judged = .exact(there)
                }
                place = AudioPlace(start: first, size: judged)
                guard case .exact = judged else { return }
            } else if start + size > source.count {
                if place != nil { return }
                throw .truncated(
                    "the chunk \"\(head.prefix(4).printable)\" at byte \(at) runs past the end of the file")
            } else if head.has("COMM") {
                try takeFormat(try source.bytes(at: start, min(size, 22)), isCompressed: isCompressed)
            }
            at = start + size + size & 1
        }
    }

    private mutating func takeFormat(_ chunk: ArraySlice<UInt8>, isCompressed: Bool) throws(SoundFileError) {
        guard chunk.count >= (isCompressed ? 22 : 18) else {
            throw .undecodable("the \"COMM\" chunk has \(chunk.count) bytes, not \(isCompressed ? 22 : 18)")
        }
        let (channels, frames, bits) = (chunk.big(0, 2), chunk.big(2, 4), chunk.big(6, 2))
        // An 80-bit float: 15 bits of exponent behind the sign, then 64 of mantissa, whose first one is 1 unit.
        let exponent = chunk.big(8, 2) & 0x7FFF - 16383 - 63
        let mantissa = chunk.dropFirst(10).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let rate = Int(exactly: scalbn(Double(mantissa), max(-2000, min(exponent, 2000))).rounded()) ?? 0
        let kind = isCompressed ? chunk.dropFirst(18).prefix(4).printable : "NONE"
        let integers: [AudioEncoding] = [.pcmS8, .pcm16, .pcm24, .pcm32]
        let encoding: AudioEncoding
        switch kind {
        case "NONE", "twos", "sowt", "in24", "in32":
            guard (1...32).contains(bits) else { throw .unsupported("AIFF samples of \(bits) bits are not supported") }
            // Fewer bits are in the upper part of whole bytes.
            encoding = integers[(bits - 1) / 8]
        case "raw ": encoding = .pcm8
        case "fl32", "FL32": encoding = .float32
        case "fl64", "FL64": encoding = .float64
        case "ulaw", "ULAW": encoding = .muLaw
        case "alaw", "ALAW": encoding = .aLaw
        default:
            throw .unsupported(
                "the AIFF-C codec \"\(kind)\" is not supported; PCM, float, µ-law and A-law are; \(AllowList.advice)")
        }
        format = (encoding, kind != "sowt", channels, rate, frames)
    }
}
