/// Chooses the parser for a file by its first bytes. Formats not listed here never reach a decoder.
enum AllowList {
    /// What to do with a file of a format that is not on the list.
    static let advice = "convert it first, for example with 'ffmpeg -i FILE FILE.flac'"

    static func parse(_ file: ByteSource, _ rules: ParsingRules) throws(SoundFileError) -> ParsedSound {
        var source = file
        guard source.count > 0 else { throw .truncated("the file is empty") }
        // Some programs put an ID3 tag before any format; MP3's own parser reads it itself.
        let start = try Tags.end(ofID3At: 0, in: &source)
        if start > 0, start < source.count, let container = container(try source.bytes(at: start, 16)) {
            return try parse(container, source.part(start..<source.count), rules)
        }
        let head = try source.bytes(at: 0, 16)
        if let container = container(head) { return try parse(container, source, rules) }
        if head.count < 12, head.has("RIFF") || head.has("RF64") || head.has("BW64") || head.has("FORM") {
            throw .truncated("the file ends inside its header")
        }
        if let name = ForeignFormat.name(of: head, &source) { throw .unsupported(name) }
        if head.has("RIFF") || head.has("RF64") || head.has("BW64") {
            throw .unsupported(
                "a RIFF file of kind \"\(head.dropFirst(8).prefix(4).printable)\" is not supported, \"WAVE\" is")
        }
        // MP3 has no magic number: frames, and before them tags, zeros, or the rest of a frame.
        do throws(SoundFileError) {
            return try MPEGFrames.read(source, rules)
        } catch {
            let isMPEG = start > 0 || (head.count >= 2 && head.big(0, 2) & 0xFFE0 == 0xFFE0)
            guard case .refused(let refusal) = error, !isMPEG, refusal.reason != .truncated || head.count >= 16 else {
                throw error
            }
            throw .unsupported(try ForeignFormat.unknown(head, &source))
        }
    }

    /// The container that starts with these bytes; `nil` for MP3 and everything else.
    static func container(_ head: ArraySlice<UInt8>) -> AudioContainer? {
        if head.has("WAVE", at: 8) {
            if head.has("RIFF") { return .wav }
            if head.has("RF64") || head.has("BW64") { return .rf64 }
        }
        if head.has("fLaC") { return .flac }
        if head.has("OggS") { return .ogg }
        if head.has("FORM"), head.has("AIFF", at: 8) || head.has("AIFC", at: 8) { return .aiff }
        if head.has(".snd") { return .au }
        if head.has("caff") { return .caf }
        return Wave64Header.isWave64(head) ? .w64 : nil
    }

    private static func parse(
        _ container: AudioContainer, _ source: ByteSource, _ rules: ParsingRules
    ) throws(SoundFileError) -> ParsedSound {
        switch container {
        case .wav, .rf64: try WaveHeader.read(source, rules)
        case .w64: try Wave64Header.read(source, rules)
        case .aiff: try AIFFHeader.read(source, rules)
        case .au: try AUHeader.read(source, rules)
        case .caf: try CAFHeader.read(source, rules)
        case .flac: try FLACStream.read(source, rules)
        case .ogg: try OggPages.read(source, rules)
        case .mp3: try MPEGFrames.read(source, rules)
        }
    }
}
