/// FLAC's two checksums (RFC 9639, 9.1.8 and 9.3).
enum FLACChecksum {
    /// CRC-8 with polynomial 0x07, of a frame's header.
    static func ofHeader(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.reduce(0) { crc, byte in
            (0..<8).reduce(crc ^ byte) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1 }
        }
    }

    /// Continues a frame's CRC-16 until it is 0, as it is over a whole frame including its checksum.
    ///
    /// - Returns: the number of bytes taken; `nil` if the bytes ended before.
    static func firstZero(_ bytes: ArraySlice<UInt8>, _ crc: inout UInt16) -> Int? {
        var value = crc
        let found: Int? = bytes.withUnsafeBufferPointer { bytes in
            table.withUnsafeBufferPointer { table in
                for index in bytes.indices {
                    value = value << 8 ^ table[Int(UInt8(value >> 8) ^ bytes[index])]
                    if value == 0 { return index + 1 }
                }
                return nil
            }
        }
        crc = value
        return found
    }

    /// CRC-16 with polynomial 0x8005, not reflected, start 0.
    static func ofFrame(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in crc << 8 ^ table[Int(UInt8(crc >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1 }
    }
}
