/// One page of an Ogg file, complete and with the right checksum.
struct OggPage {
    /// Its bytes, and those behind its header.
    let (range, payload): (Range<Int>, Range<Int>)
    /// The stream that it belongs to, and its number there.
    let (serial, sequence): (Int, Int)
    /// The position of the last sample that a packet completes here; `nil` if none is completed.
    let granule: Int?
    /// Whether it is marked as the stream's last one.
    let isLast: Bool
    /// Whether it begins inside a packet.
    let isContinued: Bool
    /// The lengths of its packets' stretches in the page, and whether the last one ends here.
    let (packets, endsWithWholePacket): ([Int], Bool)

    /// Reads the page at an offset.
    init(_ source: inout ByteSource, at: Int) throws(SoundFileError) {
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
        let flags = page.big(5, 1)
        (isLast, isContinued) = (flags & 4 != 0, flags & 1 != 0)
        // −1, all ones, stands for "no packet ends here".
        granule = page.dropFirst(6).prefix(8).allSatisfy { $0 == 0xFF } ? nil : page.little(6, 8)
        (serial, sequence) = (page.little(14, 4), page.little(18, 4))
        range = at..<at + size
        payload = at + 27 + segments..<at + size
        var (packets, length) = ([Int](), 0)
        for segment in table {
            length += Int(segment)
            if segment < 255 {
                packets.append(length)
                length = 0
            }
        }
        endsWithWholePacket = table.last.map { $0 < 255 } ?? true
        if !endsWithWholePacket { packets.append(length) }
        self.packets = packets
    }

    /// CRC-32 with polynomial 0x04C11DB7, not reflected, start 0, with the checksum field counted as zero.
    static func checksum(_ page: ArraySlice<UInt8>) -> Int {
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
