/// The page structure of an Ogg file (RFC 3533): every page complete, in order and with the right checksum, one Vorbis,
/// Opus or FLAC stream.
///
/// libogg skips damaged pages and libsndfile silently decodes around the gap; this finds them. A stream ends with a page
/// that is marked as its last one. Some recorders never write the mark, and one that is stopped cannot: a file that ends
/// with a whole page and a whole packet is taken, as open-ended.
struct OggPages {
    private var source: ByteSource
    private var serial: Int?
    private var nextSequence = 0
    private var codec: Codec?
    /// The pages so far.
    private var pages: [OggPage] = []
    private var opus = OpusPackets()

    private enum Codec {
        case vorbis(channels: Int, rate: Int)
        case opus(channels: Int, skipped: Int)
        case flac
    }

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var ogg = OggPages(source: source)
        return try ogg.parse(rules)
    }

    private init(source: ByteSource) { self.source = source }

    private mutating func parse(_ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var truncation: SoundFileError?
        var at = 0
        while pages.last?.isLast != true, truncation == nil {
            guard at < source.count else { break }
            do throws(SoundFileError) {
                at = try takePage(at: at)
            } catch .refused(let refusal) where refusal.reason == .truncated {
                truncation = .refused(refusal)
            }
        }
        // Tags and padding may follow the last page, but not another stream.
        if try source.bytes(at: at, 4).has("OggS"), truncation == nil {
            throw .unsupported("the Ogg file holds several streams, one after the other")
        }
        if truncation == nil { try Remainder.checkNoRecording(&source, at: at) }
        let isEnded = pages.last?.isLast == true
        if !isEnded, truncation == nil, pages.last?.endsWithWholePacket != true || pages.count < 3 {
            truncation = .truncated("the file ends at byte \(at) without the Ogg stream's last page")
        }
        var words: String?
        if let truncation {
            // Less than the headers and a page of audio is nothing to keep.
            words = try rules.truncation(truncation, held: max(0, pages.count - 3))
        }
        guard let codec else { throw .undecodable("the Ogg stream has no header") }
        let isOpenEnded = !isEnded && words == nil
        if case .flac = codec { return try flac(rules, isOpenEnded: isOpenEnded, words) }
        let header: AudioHeader
        switch codec {
        case .opus(let channels, let skipped):
            if words == nil {
                try opus.check(lastGranule: pages.last { $0.granule != nil }?.granule ?? 0, skipped: skipped)
            }
            // Opus always runs at 48 kHz; the rate in its header only records the original one.
            header = try AudioHeader(
                .ogg, .opus, sampleRate: 48_000, channels: channels, heldFrames: nil, truncation: words,
                isOpenEnded: isOpenEnded)
        case .vorbis(let channels, let rate):
            header = try AudioHeader(
                .ogg, .vorbis, sampleRate: rate, channels: channels, heldFrames: nil, truncation: words,
                isOpenEnded: isOpenEnded)
        case .flac: throw .undecodable("the Ogg stream has no header")
        }
        return ParsedSound(header: header, samples: .sndfile(isEnded ? source : try ended()))
    }

    /// The pages that are there, the last one marked as such, as decoders expect it.
    private mutating func ended() throws(SoundFileError) -> ByteSource {
        guard let last = pages.last(where: { $0.granule != nil }) else { return source }
        var page = Array(try source.bytes(at: last.range.lowerBound, last.range.count))
        page[5] |= 4
        let checksum = OggPage.checksum(page[...])
        for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
        return source.arranged(source.pieces(0..<last.range.lowerBound) + [.bytes(page)])
    }

    /// The FLAC stream inside: each packet is a block or frame of it, the first one after a header of 9 bytes.
    private func flac(
        _ rules: ParsingRules, isOpenEnded: Bool, _ truncation: String?
    ) throws(SoundFileError) -> ParsedSound {
        var extents: [ByteSource.Extent] = []
        for (index, page) in pages.enumerated() {
            extents += source.pieces(index == 0 ? page.payload.dropFirst(9) : page.payload)
        }
        let inside = try FLACStream.read(source.arranged(extents), rules, in: .ogg, isOpenEnded: isOpenEnded)
        guard let truncation, inside.header.truncation == nil else { return inside }
        let header = try AudioHeader(
            .ogg, .flac, sampleRate: inside.header.sampleRate, channels: inside.header.channels,
            heldFrames: inside.header.heldFrames, truncation: truncation, isOpenEnded: isOpenEnded)
        return ParsedSound(header: header, samples: inside.samples)
    }

    /// Checks the page at an offset; returns where the next one starts.
    private mutating func takePage(at: Int) throws(SoundFileError) -> Int {
        let page = try OggPage(&source, at: at)
        if serial == nil {
            serial = page.serial
            nextSequence = page.sequence
            try takeHeader(try source.bytes(at: page.payload.lowerBound, page.payload.count))
        }
        guard page.serial == serial else { throw .unsupported("the Ogg file holds several streams side by side") }
        guard page.sequence == nextSequence else {
            throw .undecodable("Ogg page \(nextSequence) is missing before byte \(at)")
        }
        if case .opus = codec { opus.take(page, try source.bytes(at: page.payload.lowerBound, page.payload.count)) }
        nextSequence += 1
        pages.append(page)
        return page.range.upperBound
    }

    private mutating func takeHeader(_ packet: ArraySlice<UInt8>) throws(SoundFileError) {
        if packet.has("\u{1}vorbis"), packet.count >= 30 {
            codec = .vorbis(channels: packet.big(11, 1), rate: packet.little(12, 4))
        } else if packet.has("OpusHead"), packet.count >= 19 {
            codec = .opus(channels: packet.big(9, 1), skipped: packet.little(10, 2))
        } else if packet.has("\u{7F}FLAC"), packet.count >= 9 + 4 + 4 + 34 {
            codec = .flac
        } else {
            let name = packet.has("Speex   ") ? "Speex" : packet.has("theora", at: 1) ? "Theora video" : nil
            throw .unsupported(
                name.map { "\($0) in Ogg is not supported; \(AllowList.advice)" }
                    ?? "the Ogg stream is neither Vorbis, Opus nor FLAC (it starts \"\(packet.prefix(8).printable)\")")
        }
    }
}
