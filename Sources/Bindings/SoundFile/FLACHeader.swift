/// FLAC metadata (RFC 9639): reads STREAMINFO, and checks that every metadata block lies in the file.
enum FLACHeader {
    static func read(_ source: inout ByteSource) throws(SoundFileError) -> AudioHeader {
        let head = try source.bytes(at: 4, 4 + 34)
        guard head.count == 4 + 34 else { throw .truncated("the file ends inside the FLAC header") }
        guard head[head.startIndex] & 0x7F == 0, head.big(1, 3) == 34 else {
            throw .undecodable("the first FLAC block is not STREAMINFO")
        }
        // 16 + 16 bits of block sizes and 24 + 24 of frame sizes, then the packed figures.
        let packed = head.dropFirst(4 + 10)
        let rate = packed.big(0, 3) >> 4
        let channels = packed.big(2, 1) >> 1 & 7 + 1
        let bits = packed.big(2, 2) >> 4 & 31 + 1
        let total = packed.big(3, 5) & 0xF_FFFF_FFFF
        guard [8, 16, 24].contains(bits) else { throw .unsupported("FLAC of \(bits) bits is not supported") }
        let audio = try AudioHeader(
            .flac, .flac, sampleRate: rate, channels: channels, promisedFrames: total == 0 ? nil : total)
        let start = try firstFrame(&source)
        if start + 2 > source.count {
            if total > 0 { throw .truncated(promised: total, held: 0, rate: rate) }
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
        let sync = try source.bytes(at: start, 2)
        guard sync.big(0, 2) & 0xFFFE == 0xFFF8 else {
            throw .undecodable("no FLAC frame starts at byte \(start), where the metadata ends")
        }
        return audio
    }

    /// The offset after the last metadata block.
    private static func firstFrame(_ source: inout ByteSource) throws(SoundFileError) -> Int {
        var at = 4
        while true {
            let block = try source.bytes(at: at, 4)
            guard block.count == 4 else { throw .truncated("the file ends inside the FLAC metadata") }
            let isLast = block[block.startIndex] & 0x80 != 0
            at += 4 + block.big(1, 3)
            if isLast { return at }
        }
    }
}
