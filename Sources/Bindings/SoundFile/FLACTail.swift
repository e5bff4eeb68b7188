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
            if tail[at] == 0xFF, tail[at + 1] & 0xFE == 0xF8, FLACChecksum.ofFrame(tail[at...]) == 0 { return true }
            at -= 1
        }
        return false
    }
}
