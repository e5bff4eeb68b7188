/// The samples that an Opus stream's packets hold (RFC 6716, 3.1), counted at 48 kHz and compared with the positions on
/// its pages: the decoder goes by the positions, and would drop what they leave out.
struct OpusPackets {
    /// Packets so far, with the two of the header.
    private var packets = 0
    /// Samples in all packets, in those of the first page of audio, and in those of the last page.
    private var (total, inFirstPage, inLastPage) = (0, Int?.none, 0)
    private var firstGranule: Int?
    /// A packet that began on an earlier page counts where it ends.
    private var begun: Int?

    /// Counts the packets of a page.
    mutating func take(_ page: OggPage, _ payload: ArraySlice<UInt8>) {
        let before = total
        var at = payload.startIndex
        for (index, length) in page.packets.enumerated() {
            let packet = payload[at..<min(at + length, payload.endIndex)]
            at += length
            let continues = index == 0 && page.isContinued
            if !continues { begun = Self.samples(of: packet) }
            guard index < page.packets.count - 1 || page.endsWithWholePacket else { continue }
            packets += 1
            if packets > 2 { total += begun ?? 0 }
        }
        guard total > before, let granule = page.granule else { return }
        inLastPage = total - before
        if inFirstPage == nil { (inFirstPage, firstGranule) = (total, granule) }
    }

    /// Whether the positions account for the packets.
    func check(lastGranule: Int, skipped: Int) throws(SoundFileError) {
        guard let inFirstPage, let firstGranule else { return }
        // A stream that was cut out of a longer one starts later than 0.
        let start = max(0, firstGranule - inFirstPage)
        let played = lastGranule - start
        // Only the last page may leave samples out: the end of the last packets, and packets behind the end.
        guard played + inLastPage < total else { return }
        let seconds = [played - skipped, total - skipped].map { Double(max(0, $0)) / 48_000 }
        throw .undecodable(
            "the Ogg pages' positions end after \((seconds[0] * 100).rounded() / 100) s, the packets hold "
                + "\((seconds[1] * 100).rounded() / 100) s")
    }

    /// The samples of a packet, from its first byte or two.
    private static func samples(of packet: ArraySlice<UInt8>) -> Int {
        guard let first = packet.first else { return 0 }
        let configuration = Int(first >> 3)
        let frame: Int
        switch configuration {
        case ..<12: frame = [480, 960, 1920, 2880][configuration % 4]
        case ..<16: frame = [480, 960][configuration % 2]
        default: frame = [120, 240, 480, 960][configuration % 4]
        }
        switch first & 3 {
        case 0: return frame
        case 1, 2: return 2 * frame
        default: return packet.count > 1 ? frame * Int(packet[packet.startIndex + 1] & 0x3F) : 0
        }
    }
}
