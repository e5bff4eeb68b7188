/// Ogg pages written here: a FLAC stream in the mapping that its encoder uses (RFC 9639, 10.1).
enum OggBytes {
    /// A FLAC file's stream in Ogg: one packet for STREAMINFO, one for the other metadata blocks, pages of 20,000 bytes.
    static func wrapping(_ flac: [UInt8]) -> [UInt8] {
        var at = 42
        var isLast = flac[4] & 0x80 != 0
        while !isLast {
            isLast = flac[at] & 0x80 != 0
            at += 4 + Int(flac[at + 1]) << 16 + Int(flac[at + 2]) << 8 + Int(flac[at + 3])
        }
        let head = [0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1]
        var payloads = [head + flac[..<42], Array(flac[42..<at])]
        while at < flac.count {
            payloads.append(Array(flac[at..<min(at + 20_000, flac.count)]))
            at += 20_000
        }
        return payloads.enumerated().flatMap { page($1, number: $0, isLast: $0 == payloads.count - 1) }
    }

    private static func page(_ payload: [UInt8], number: Int, isLast: Bool) -> [UInt8] {
        let segments = [UInt8](repeating: 255, count: payload.count / 255) + [UInt8(payload.count % 255)]
        var page = Array("OggS".utf8) + [0, (number == 0 ? 2 : 0) | (isLast ? 4 : 0)]
        page +=
            [UInt8](repeating: 0, count: 8) + [1, 2, 3, 4, UInt8(number), 0, 0, 0, 0, 0, 0, 0, UInt8(segments.count)]
        page += segments + payload
        var crc: UInt32 = 0
        for byte in page {
            crc ^= UInt32(byte) << 24
            for _ in 0..<8 { crc = crc & 0x8000_0000 != 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1 }
        }
        for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: crc >> (8 * UInt32(index))) }
        return page
    }
}
