/// RIFF/WAVE, RF64 and BW64 headers (Microsoft/IBM 1991, the WAVEFORMATEXTENSIBLE note, EBU Tech 3306, ITU-R BS.2088).
///
/// libsndfile silently clamps the data chunk to the file's size, so the sizes are checked here.
struct WaveHeader {
    private var source: ByteSource
    private var isLong = false
    private var format: WaveFormat?
    /// The sizes that a "ds64" chunk gives: of the file, and of the audio.
    private var longSizes: (file: Int, audio: Int)?
    private var place: AudioPlace?

    static func read(_ source: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var header = WaveHeader(source: source)
        try header.walk()
        guard let format = header.format else { throw .undecodable("the file has no \"fmt \" chunk") }
        guard let place = header.place else { throw .undecodable("the file has no \"data\" chunk") }
        return try format.sound(header.isLong ? .rf64 : .wav, place, source, rules)
    }

    private init(source: ByteSource) { self.source = source }

    private mutating func walk() throws(SoundFileError) {
        let magic = try source.bytes(at: 0, 4)
        isLong = magic.has("RF64") || magic.has("BW64")
        var at = 12
        while at + 8 <= source.count {
            let head = try source.bytes(at: at, 8)
            let (name, size, start) = (head.prefix(4).printable, head.little(4, 4), at + 8)
            if place != nil, try !isChunk(at: at) {
                // What follows is not a chunk: tags, zeros, a few stray bytes; more would be audio left out.
                return try Remainder.check(&source, at: at, bytesPerSecond: format?.bytesPerSecond ?? 1)
            }
            if place != nil { try Remainder.checkNoRecording(&source, at: at) }
            if head.has("data") {
                try takeData(start: start, size: size)
                guard case .exact(let bytes) = place?.size else { return }
                at = try next(after: start, size: bytes)
                continue
            }
            if start + size > source.count {
                // After the audio, nothing needed is lost; before it, everything is.
                if place != nil { return }
                throw .truncated("the chunk \"\(name)\" at byte \(at) runs past the end of the file")
            }
            if head.has("fmt ") {
                guard format == nil else { throw .undecodable("a second \"fmt \" chunk stands at byte \(at)") }
                format = try WaveFormat(try source.bytes(at: start, min(size, 40)))
            } else if head.has("ds64"), isLong {
                guard size >= 28 else { throw .undecodable("the \"ds64\" chunk has \(size) bytes, not 28") }
                let sizes = try source.bytes(at: start, 28)
                longSizes = (sizes.little(0, 8), sizes.little(8, 8))
            }
            at = try next(after: start, size: size)
        }
        if place == nil, try source.bytes(at: 4, 4).little(0, 4) > source.count - 8 {
            throw .truncated("the file ends at byte \(source.count), before its audio")
        }
    }

    /// Where the chunk after one with this start and size is. Chunks of odd length are padded, but some writers forget
    /// it: then the next chunk's name is one byte earlier.
    private mutating func next(after start: Int, size: Int) throws(SoundFileError) -> Int {
        let end = start + size
        guard size & 1 == 1 else { return end }
        let head = try source.bytes(at: end, 5)
        let (unpadded, padded) = (head.prefix(4), head.dropFirst())
        if Self.isKnown(padded) || !Self.isKnown(unpadded) { return end + 1 }
        return end
    }

    /// Whether four bytes are the name of a chunk that recorders and editors write.
    private static func isKnown(_ name: ArraySlice<UInt8>) -> Bool {
        name.count == 4 && known.contains(name.printable)
    }

    private static let known: Set<String> = [
        "data", "fmt ", "fact", "ds64", "LIST", "bext", "iXML", "axml", "chna", "JUNK", "junk", "PAD ", "FLLR", "cue ",
        "plst", "smpl", "inst", "acid", "strc", "PEAK", "DISP", "levl", "id3 ", "ID3 ", "guan", "wamd", "minf", "elm1",
        "regn", "umid", "DGDA", "_PMX", "afsp", "note", "labl", "ltxt", "cart", "mext", "link", "r64m", "bxml", "slnt",
    ]

    /// Whether what is at an offset reads as a chunk: four printable characters, and a size that the file contains, or
    /// a known name.
    private mutating func isChunk(at: Int) throws(SoundFileError) -> Bool {
        let head = try source.bytes(at: at, 8)
        guard head.count == 8 else { return false }
        if Self.isKnown(head.prefix(4)) || head.has("RIFF") || head.has("RF64") { return true }
        return head.prefix(4).allSatisfy { (0x20..<0x7F).contains($0) }
            && at + 8 + head.little(4, 4) <= source.count + 1
    }

    /// Whether only chunks follow from an offset to the end.
    private mutating func areChunks(from: Int) throws(SoundFileError) -> Bool {
        var at = from
        while at + 8 <= source.count {
            guard try isChunk(at: at) else { return false }
            at = try next(after: at + 8, size: try source.bytes(at: at + 4, 4).little(0, 4))
        }
        return true
    }

    private mutating func takeData(start: Int, size: Int) throws(SoundFileError) {
        guard format != nil else { throw .undecodable("the \"data\" chunk stands before any \"fmt \" chunk") }
        guard place == nil else { throw .undecodable("a second \"data\" chunk stands at byte \(start - 8)") }
        if isLong, longSizes == nil { throw .undecodable("the RF64 file has no \"ds64\" chunk") }
        let there = source.count - start
        let isLongSize = isLong && size == 0xFFFF_FFFF
        let promised = isLongSize ? longSizes?.audio ?? size : size
        place = AudioPlace(start: start, size: try judge(promised, start: start, there: there))
    }

    /// The rules for sizes that recorders leave.
    private mutating func judge(_ promised: Int, start: Int, there: Int) throws(SoundFileError) -> AudioSize {
        if promised == 0, there > 0 {
            // The zeros that a recorder starts with, unless all that follows is chunks: then there is no audio.
            return try areChunks(from: start) ? .exact(0) : .open(there)
        }
        let size = AudioSize(promised: promised, there: there)
        guard case .short = size else { return size }
        let short = try source.bytes(at: 4, 4).little(0, 4)
        let end = 8 + (isLong && short == 0xFFFF_FFFF ? longSizes?.file ?? short : short)
        // The file's own size is right, so nothing is missing, and the audio's size is what is wrong.
        if (source.count - 1...source.count + 8).contains(end), start + promised > end { return .exact(there) }
        // The size of the whole file stands where that of the audio belongs.
        return [source.count, source.count - 8].contains(promised) ? .open(there) : size
    }
}
