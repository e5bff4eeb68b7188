/// The page structure of an Ogg file (RFC 3533): every page complete, in order and with the right checksum, one Vorbis
/// or Opus stream, ended by its end-of-stream page.
///
/// libogg skips damaged pages and libsndfile silently decodes around the gap; this finds them.
struct OggPages {
    private var serial: Int?
    private var nextSequence = 0
    private var codec: (encoding: AudioEncoding, channels: Int, rate: Int)?

    static func read(_ source: inout ByteSource) throws(SoundFileError) -> AudioHeader {
        var pages = OggPages()
        var at = 0
        var isEnded = false
        while !isEnded {
            guard at < source.count else {
                throw .truncated("the file ends at byte \(at) without the Ogg stream's last page")
            }
            (at, isEnded) = try pages.takePage(&source, at: at)
        }
        // Tags and padding may follow the last page, but not another stream.
        if try source.bytes(at: at, 4).has("OggS") {
            throw .unsupported("the Ogg file holds several streams, one after the other")
        }
        guard let codec = pages.codec else { throw .undecodable("the Ogg stream has no header") }
        return try AudioHeader(
            .ogg, codec.encoding, sampleRate: codec.rate, channels: codec.channels, promisedFrames: nil)
    }

    /// Checks the page at an offset; returns where the next one starts, and whether this one ends the stream.
    private mutating func takePage(_ source: inout ByteSource, at: Int) throws(SoundFileError) -> (Int, Bool) {
        let head = try source.bytes(at: at, 27)
        guard head.has("OggS") || (head.count < 4 && source.count - at < 4) else {
            throw .undecodable("no Ogg page starts at byte \(at)")
        }
        guard head.count == 27 else { throw .truncated("the file ends inside the Ogg page at byte \(at)") }
        let segments = head.big(26, 1)
        let table = try source.bytes(at: at + 27, segments)
        let size = 27 + segments + table.reduce(0) { $0 + Int($1) }
        let page = try source.bytes(at: at, size)
        guard table.count == segments, page.count == size else {
            throw .truncated("the file ends inside the Ogg page at byte \(at)")
        }
        guard Self.checksum(page) == page.little(22, 4) else {
            throw .undecodable("the Ogg page at byte \(at) does not match its checksum")
        }
        let (flags, pageSerial, sequence) = (page.big(5, 1), page.little(14, 4), page.little(18, 4))
        if serial == nil {
            serial = pageSerial
            nextSequence = sequence
            try takeHeader(page.dropFirst(27 + segments))
        }
        guard pageSerial == serial else { throw .unsupported("the Ogg file holds several streams side by side") }
        guard sequence == nextSequence else {
            throw .undecodable("Ogg page \(nextSequence) is missing before byte \(at)")
        }
        nextSequence += 1
        return (at + size, flags & 4 != 0)
    }

    private mutating func takeHeader(_ packet: ArraySlice<UInt8>) throws(SoundFileError) {
        if packet.has("\u{1}vorbis"), packet.count >= 30 {
            codec = (.vorbis, packet.big(11, 1), packet.little(12, 4))
        } else if packet.has("OpusHead"), packet.count >= 19 {
            // Opus always runs at 48 kHz; the rate in its header only records the original one.
            codec = (.opus, packet.big(9, 1), 48_000)
        } else {
            throw .unsupported(
                "the Ogg stream is neither Vorbis nor Opus (it starts \"\(packet.prefix(8).printable)\")")
        }
    }

    /// CRC-32 with polynomial 0x04C11DB7, not reflected, start 0, with the checksum field counted as zero.
    private static func checksum(_ page: ArraySlice<UInt8>) -> Int {
        var crc: UInt32 = 0
        for (position, byte) in page.enumerated() {
            let value = (22..<26).contains(position) ? 0 : byte
            crc = crc << 8 ^ table[Int(UInt8(crc >> 24) ^ value)]
        }
        return Int(crc)
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
        }
    }
}
