/// Sun/NeXT AU headers: six big-endian numbers and a text.
enum AUHeader {
    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var source = source
        let head = try source.bytes(at: 0, 24)
        guard head.count == 24 else { throw .truncated("the file ends inside the AU header") }
        let (start, size, codec) = (head.big(4, 4), head.big(8, 4), head.big(12, 4))
        let (rate, channels) = (head.big(16, 4), head.big(20, 4))
        let encodings: [Int: AudioEncoding] = [
            1: .muLaw, 2: .pcmS8, 3: .pcm16, 4: .pcm24, 5: .pcm32, 6: .float32, 7: .float64, 27: .aLaw,
        ]
        guard let encoding = encodings[codec], let width = encoding.plainWidth else {
            throw .unsupported("the AU codec number \(codec) is not supported; PCM, float, µ-law and A-law are")
        }
        _ = try AudioHeader(.au, encoding, sampleRate: rate, channels: channels, heldFrames: nil)
        guard start >= 24 else { throw .undecodable("the header says that the audio starts at byte \(start)") }
        guard start <= source.count else { throw .truncated("the file ends at byte \(source.count), before its audio") }
        let there = source.count - start
        // All ones stand for "not known"; zeros are left by a recorder that was stopped.
        let judged = size == 0 && there > 0 ? AudioSize.open(there) : AudioSize(promised: size, there: there)
        if case .exact(let bytes) = judged {
            try Remainder.check(&source, at: start + bytes, bytesPerSecond: rate * channels * width)
        }
        let (held, isOpenEnded, truncation) = try AudioPlace(start: start, size: judged)
            .frames(unit: channels * width, rate: rate, rules)
        let header = try AudioHeader(
            .au, encoding, sampleRate: rate, channels: channels, heldFrames: held, truncation: truncation,
            isOpenEnded: isOpenEnded)
        let layout = PlainLayout(start: start, frames: held, isBigEndian: true)
        return ParsedSound(header: header, samples: .plain(layout, source))
    }
}
