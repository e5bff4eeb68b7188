/// Distinguishes a truncated FLAC file from one damaged in the middle; the decoder reports "lost sync" for both.
enum FLACTail {
    /// Larger than any frame that encoders of the streamable subset write for 16-bit stereo (about 66 KB), or that
    /// recorders use beyond that.
    private static let reach = 120 << 10

    /// Whether the file ends with a whole frame: one whose CRC-16 (RFC 9639, 9.3) matches at the last byte.
    static func isWhole(_ source: inout ByteSource) throws(SoundFileError) -> Bool {
        var end = source.count
        if end >= 128, try source.bytes(at: end - 128, 3).has("TAG") { end -= 128 }
        let start = max(0, end - reach)
        let tail = try source.bytes(at: start, end - start)
        var at = tail.endIndex - 2
        while at >= tail.startIndex {
            // Over a whole frame including its checksum, the CRC is 0.
            if tail[at] == 0xFF, tail[at + 1] & 0xFE == 0xF8, checksum(tail[at...]) == 0 { return true }
            at -= 1
        }
        return false
    }

    /// CRC-16 with polynomial 0x8005, not reflected, start 0.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in crc << 8 ^ table[Int(UInt8(crc >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1 }
    }
}
