/// A FLAC stream (RFC 9639): STREAMINFO, the metadata blocks, and every frame with its checksums.
///
/// STREAMINFO's number of samples is that of the file as it was first written: a file that was cut promises too many, one
/// that was joined too few. What counts is the frames. libFLAC stops at the promise, so it gets a STREAMINFO that says
/// what is there.
struct FLACStream {
    private var source: ByteSource
    private let info: StreamInfo
    /// The bytes of the frames, in order.
    private var ranges: [Range<Int>] = []
    private var held = 0
    /// The samples promised by all STREAMINFO blocks so far; `nil` once one does not say.
    private var promised: Int?
    /// How the frames end before the file does.
    private var damage: SoundFileError?

    private struct StreamInfo: Equatable {
        let (rate, channels, bits): (Int, Int, Int)

        static func == (one: StreamInfo, other: StreamInfo) -> Bool {
            (one.rate, one.channels, one.bits) == (other.rate, other.channels, other.bits)
        }
    }

    private static let headerSize = 4 + 4 + 34

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        try read(source, rules, in: .flac, isOpenEnded: false)
    }

    /// Reads the stream in a container of its own or in Ogg.
    static func read(
        _ source: ByteSource, _ rules: ParsingRules, in container: AudioContainer, isOpenEnded: Bool
    ) throws(SoundFileError) -> ParsedSound {
        var source = source
        let (info, total) = try readHeader(&source, at: 0)
        _ = try AudioHeader(container, .flac, sampleRate: info.rate, channels: info.channels, heldFrames: nil)
        let start = try firstFrame(&source, after: 0, total, info)
        var stream = FLACStream(source: source, info: info, promised: total)
        try stream.walk(from: start)
        var truncation: String?
        if let damage = stream.damage { truncation = try rules.truncation(damage, held: stream.held) }
        if let promised = stream.promised, stream.held < promised, truncation == nil {
            let short = SoundFileError.truncated(promised: promised, held: stream.held, rate: info.rate)
            truncation = try rules.truncation(short, held: stream.held)
        }
        let header = try AudioHeader(
            container, .flac, sampleRate: info.rate, channels: info.channels, heldFrames: stream.held,
            truncation: truncation, isOpenEnded: isOpenEnded)
        return ParsedSound(header: header, samples: .sndfile(try stream.arranged(metadataEnd: start)))
    }

    private init(source: ByteSource, info: StreamInfo, promised: Int?) {
        (self.source, self.info, self.promised) = (source, info, promised)
    }

    /// STREAMINFO with the number of samples that is there, the first stream's metadata, all frames.
    private mutating func arranged(metadataEnd: Int) throws(SoundFileError) -> ByteSource {
        var head = Array(try source.bytes(at: 0, Self.headerSize))
        head[21] = head[21] & 0xF0 | UInt8(truncatingIfNeeded: held >> 32 & 0x0F)
        for index in 0..<4 { head[22 + index] = UInt8(truncatingIfNeeded: held >> (24 - 8 * index)) }
        let frames = ranges.flatMap { source.pieces($0) }
        return source.arranged([.bytes(head)] + source.pieces(Self.headerSize..<metadataEnd) + frames)
    }

    /// STREAMINFO of the stream at an offset, and the samples that it promises; `nil` if it does not say.
    private static func readHeader(
        _ source: inout ByteSource, at: Int
    ) throws(SoundFileError) -> (StreamInfo, Int?) {
        let head = try source.bytes(at: at + 4, 4 + 34)
        guard head.count == 4 + 34 else { throw .truncated("the file ends inside the FLAC header") }
        guard head[head.startIndex] & 0x7F == 0, head.big(1, 3) == 34 else {
            throw .undecodable("the first FLAC block is not STREAMINFO")
        }
        // 16 + 16 bits of block sizes and 24 + 24 of frame sizes, then the packed figures.
        let packed = head.dropFirst(4 + 10)
        let bits = packed.big(2, 2) >> 4 & 31 + 1
        let total = packed.big(3, 5) & 0xF_FFFF_FFFF
        guard [8, 16, 24].contains(bits) else { throw .unsupported("FLAC of \(bits) bits is not supported") }
        let info = StreamInfo(rate: packed.big(0, 3) >> 4, channels: packed.big(2, 1) >> 1 & 7 + 1, bits: bits)
        return (info, total == 0 ? nil : total)
    }

    /// The offset behind the metadata of the stream at an offset.
    private static func firstFrame(
        _ source: inout ByteSource, after stream: Int, _ total: Int?, _ info: StreamInfo
    ) throws(SoundFileError) -> Int {
        var at = stream + 4
        while true {
            let block = try source.bytes(at: at, 4)
            guard block.count == 4 else { throw .truncated("the file ends inside the FLAC metadata") }
            let isLast = block[block.startIndex] & 0x80 != 0
            at += 4 + block.big(1, 3)
            if isLast { break }
        }
        if at + 2 > source.count {
            if let total { throw .truncated(promised: total, held: 0, rate: info.rate) }
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
        guard try source.bytes(at: at, 2).big(0, 2) & 0xFFFE == 0xFFF8 else {
            throw .undecodable("no FLAC frame starts at byte \(at), where the metadata ends")
        }
        return at
    }

    private mutating func walk(from start: Int) throws(SoundFileError) {
        var at = start
        var first = start
        while at < source.count {
            guard let frame = try FLACFrame(&source, at: at) else {
                // What is behind the last frame: tags, another stream, or bytes that belong to nothing.
                if first < at { ranges.append(first..<at) }
                let next = try Tags.end(ofTagsAndZerosAt: at, in: &source)
                if next >= source.count { return }
                if try source.bytes(at: next, 4).has("fLaC") {
                    at = try join(at: next)
                } else if next > at, try FLACFrame(&source, at: next) != nil {
                    at = next
                } else if held == promised {
                    return try Remainder.checkNoRecording(&source, at: next)
                } else {
                    damage = try broken(at: at)
                    return
                }
                first = at
                continue
            }
            if let difference = difference(from: frame) {
                throw .unsupported("the FLAC frame at byte \(at) has \(difference): several recordings, joined")
            }
            guard let next = try end(of: frame, at: at) else {
                damage = try broken(at: at)
                break
            }
            held += frame.samples
            at = next
        }
        if first < at { ranges.append(first..<at) }
    }

    /// Takes the header of a joined file; returns where its frames start.
    private mutating func join(at: Int) throws(SoundFileError) -> Int {
        let (other, total) = try Self.readHeader(&source, at: at)
        guard other == info else {
            throw .unsupported(
                "at byte \(at) a second FLAC stream starts, with \(other.rate) Hz, \(other.channels) channels and "
                    + "\(other.bits) bits instead of \(info.rate), \(info.channels) and \(info.bits)")
        }
        // A first stream that was cut must not be made up for by a second one.
        if let promised, held < promised {
            throw .truncated(promised: promised, held: held, rate: info.rate)
        }
        promised = total.map { held + $0 }
        return try Self.firstFrame(&source, after: at, total, info)
    }

    /// What a frame has that the stream has not.
    private func difference(from frame: FLACFrame) -> String? {
        if let rate = frame.rate, rate != info.rate { return "\(rate) Hz instead of \(info.rate)" }
        if frame.channels != info.channels { return "\(frame.channels) channels instead of \(info.channels)" }
        if let bits = frame.bits, bits != info.bits { return "\(bits) bits instead of \(info.bits)" }
        return nil
    }

    /// The offset behind a frame: where its checksum comes out and something known follows. `nil` if there is none: the
    /// frame is damaged or cut.
    ///
    /// In a long frame the checksum comes out by chance, too: one time in 65,536. If nothing known follows anywhere, the
    /// last such place counts, but only if all samples are there with this frame: bytes that belong to nothing follow.
    private mutating func end(of frame: FLACFrame, at start: Int) throws(SoundFileError) -> Int? {
        var crc: UInt16 = 0
        var (at, last) = (start, Int?.none)
        while at < source.count {
            let block = try source.bytes(at: at, 64 << 10)
            guard !block.isEmpty else { return nil }
            var done = 0
            while let length = FLACChecksum.firstZero(block.dropFirst(done), &crc) {
                done += length
                if try isEnd(at + done) { return at + done }
                last = at + done
            }
            at += block.count
        }
        return held + frame.samples == promised ? last : nil
    }

    private mutating func isEnd(_ at: Int) throws(SoundFileError) -> Bool {
        if at == source.count { return true }
        if try FLACFrame(&source, at: at) != nil { return true }
        if try Remainder.isRecording(at: at, in: &source) { return true }
        let head = try source.bytes(at: at, 12)
        if head.has("ID3") || head.has("TAG") || head.has("APETAGEX") || head.has("LYRICSBEGIN") {
            return true
        }
        return try Tags.end(ofZerosAt: at, in: &source) == source.count
    }

    /// A cut file ends inside a frame, a damaged one ends with a whole frame.
    private mutating func broken(at: Int) throws(SoundFileError) -> SoundFileError {
        if try FLACTail.isWhole(&source) { return .undecodable("the FLAC frame at byte \(at) is damaged") }
        if let promised, held < promised { return .truncated(promised: promised, held: held, rate: info.rate) }
        return .truncated("the file ends inside a FLAC frame")
    }
}
