/// Sony Wave64: WAV's chunks under GUIDs, with 64-bit sizes that include their own header, each at a multiple of 8.
enum Wave64Header {
    /// The GUIDs are four characters and a tail; RIFF's tail is another one than the chunks'.
    private static let tail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
    private static let fileTail: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00]

    /// Whether a file starts as Wave64 does.
    static func isWave64(_ head: ArraySlice<UInt8>) -> Bool {
        head.has("riff") && head.dropFirst(4).prefix(12).elementsEqual(fileTail.prefix(max(0, head.count - 4)))
    }

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var source = source
        let head = try source.bytes(at: 0, 40)
        guard head.count == 40 else { throw .truncated("the file ends inside the Wave64 header") }
        guard head.has("wave", at: 24) else { throw .undecodable("the Wave64 file is none of sound") }
        let end = head.little(16, 8)
        var (at, format, place) = (40, WaveFormat?.none, AudioPlace?.none)
        while at + 24 <= source.count {
            let head = try source.bytes(at: at, 24)
            let (size, start) = (head.little(16, 8), at + 24)
            if place != nil {
                try Remainder.checkNoRecording(&source, at: at)
                // After the audio, nothing needed is lost.
                guard size >= 24, at + size <= source.count else { break }
                at += (size + 7) / 8 * 8
                continue
            }
            guard head.dropFirst(4).prefix(12).elementsEqual(tail) else {
                throw .undecodable("no Wave64 chunk starts at byte \(at)")
            }
            if head.has("data") {
                guard format != nil else { throw .undecodable("the \"data\" chunk stands before any \"fmt \" chunk") }
                let judged = judge(size, start: start, end: end, source.count)
                place = AudioPlace(start: start, size: judged)
                guard case .exact(let bytes) = judged else { break }
                at = (start + bytes + 7) / 8 * 8
                continue
            }
            guard size >= 24, at + size <= source.count else {
                throw .truncated(
                    "the chunk \"\(head.prefix(4).printable)\" at byte \(at) runs past the end of the file")
            }
            if head.has("fmt ") { format = try WaveFormat(try source.bytes(at: start, min(size - 24, 40))) }
            at += (size + 7) / 8 * 8
        }
        if let format, let place { return try format.sound(.w64, place, source, rules) }
        if end > source.count { throw .truncated("the file ends at byte \(source.count), before its audio") }
        throw .undecodable("the file has no \"data\" chunk")
    }

    private static func judge(_ size: Int, start: Int, end: Int, _ count: Int) -> AudioSize {
        let there = count - start
        // 0, or no more than the chunk's own header: the recorder never came back.
        if size <= 24, there > 0, end <= start { return .open(there) }
        let judged = AudioSize(promised: max(0, size - 24), there: there)
        if case .short = judged, (count...count + 8).contains(end), start + size - 24 > end { return .exact(there) }
        return judged
    }
}
