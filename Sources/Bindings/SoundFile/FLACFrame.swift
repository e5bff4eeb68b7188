/// The header of a FLAC frame (RFC 9639, 9.1).
struct FLACFrame {
    /// Samples per channel.
    let samples: Int
    /// Frames per second and bits per sample; `nil` if STREAMINFO's apply.
    let (rate, bits): (Int?, Int?)
    /// Channels.
    let channels: Int

    /// Reads the header at an offset; `nil` if there is none, or if its checksum is wrong.
    init?(_ source: inout ByteSource, at: Int) throws(SoundFileError) {
        // At most 2 bytes of sync, 2 of codes, 7 of a number, 2 + 2 of figures and the checksum.
        let head = try source.bytes(at: at, 16)
        guard head.count >= 6, head.big(0, 2) & 0xFFFE == 0xFFF8 else { return nil }
        let (sizeCode, rateCode) = (head.big(2, 1) >> 4, head.big(2, 1) & 15)
        let (channelCode, bitsCode) = (head.big(3, 1) >> 4, head.big(3, 1) >> 1 & 7)
        guard sizeCode > 0, rateCode < 15, channelCode < 11, bitsCode != 3, head.big(3, 1) & 1 == 0 else { return nil }
        // The frame's or sample's number, coded as UTF-8 codes characters: its length is in the first byte.
        let ones = (~UInt8(head.big(4, 1))).leadingZeroBitCount
        guard ones != 1, ones < 8 else { return nil }
        var next = 4 + max(ones, 1)
        func number(_ width: Int) -> Int? {
            guard head.count >= next + width else { return nil }
            defer { next += width }
            return head.big(next, width)
        }
        switch sizeCode {
        case 1: samples = 192
        case 2...5: samples = 144 << sizeCode
        case 6, 7:
            guard let size = number(sizeCode - 5) else { return nil }
            samples = size + 1
        default: samples = 1 << sizeCode
        }
        switch rateCode {
        case 0: rate = nil
        case 12...14:
            guard let value = number(rateCode == 12 ? 1 : 2) else { return nil }
            rate = value * [1000, 1, 10][rateCode - 12]
        default:
            rate =
                [
                    88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
                ][rateCode - 1]
        }
        bits = [nil, 8, 12, nil, 16, 20, 24, 32][bitsCode]
        channels = channelCode < 8 ? channelCode + 1 : 2
        guard head.count > next, FLACChecksum.ofHeader(head.prefix(next)) == UInt8(head.big(next, 1)) else {
            return nil
        }
    }
}
