import Digests
import Downloads
import Testing

@Suite struct ChecksumsTests {
    private func sum(_ crc: CRC, _ text: String) -> String {
        var crc = crc
        Array(text.utf8).withUnsafeBytes { crc.update($0) }
        return crc.bytes.hex
    }

    /// The check values of the catalogue of parametrised CRC algorithms, for "123456789".
    @Test func `checksums have their known values`() {
        #expect(sum(.crc32, "123456789") == "cbf43926")
        #expect(sum(.crc32c, "123456789") == "e3069283")
        #expect(sum(.crc64nvme, "123456789") == "ae8b14860a799888")
        #expect(sum(.crc32, "") == "00000000")
    }

    /// Eight bytes at a time must agree with one at a time, wherever the pieces are cut.
    @Test func `the pieces do not matter`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
        for start in [CRC.crc32, .crc32c, .crc64nvme] {
            var whole = start
            bytes.withUnsafeBytes { whole.update($0) }
            var single = start
            for byte in bytes { withUnsafeBytes(of: byte) { single.update($0) } }
            #expect(whole.bytes == single.bytes)
            var pieces = start
            for piece in [bytes[..<13], bytes[13..<501], bytes[501...]] {
                piece.withUnsafeBytes { pieces.update($0) }
            }
            #expect(whole.bytes == pieces.bytes)
        }
    }

    @Test func `Base64 is read and written`() {
        #expect(base64Bytes("") == [])
        #expect(base64Bytes("Zg==") == Array("f".utf8))
        #expect(base64Bytes("Zm8=") == Array("fo".utf8))
        #expect(base64Bytes("Zm9v") == Array("foo".utf8))
        #expect(base64Bytes("+/8=") == [0xFB, 0xFF])
        for wrong in ["Z", "Zg=", "Zg==-3", "Zg===", "Z*9v", "=Zg="] { #expect(base64Bytes(wrong) == nil) }
    }

    @Test func `hexadecimal digits are read and written`() {
        #expect(hexBytes("00fFA5") == [0, 255, 165])
        #expect(hexBytes("0") == nil)
        #expect(hexBytes("zz") == nil)
    }
}
