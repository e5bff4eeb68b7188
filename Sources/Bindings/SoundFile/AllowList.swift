/// Chooses the parser for a file by its first bytes. Formats not listed here never reach a decoder.
enum AllowList {
    static func header(of source: inout ByteSource) throws(SoundFileError) -> AudioHeader {
        let head = try source.bytes(at: 0, 12)
        guard !head.isEmpty else { throw .truncated("the file is empty") }
        if head.has("RIFF") || head.has("RF64") {
            guard head.count == 12 else { throw .truncated("the file ends inside the RIFF header") }
            guard head.has("WAVE", at: 8) else {
                throw .unsupported(
                    "a RIFF file of kind \"\(head.dropFirst(8).printable)\" is not supported, \"WAVE\" is")
            }
            return try WaveHeader.read(&source)
        }
        if head.has("fLaC") { return try FLACHeader.read(&source) }
        if head.has("OggS") { return try OggPages.read(&source) }
        if head.has("ID3") || (head.count >= 2 && head.big(0, 2) & 0xFFE0 == 0xFFE0) {
            return try MPEGFrames.read(&source)
        }
        throw .unsupported("\(name(of: head)); WAV, FLAC, Ogg and MP3 are supported")
    }

    private static func name(of head: ArraySlice<UInt8>) -> String {
        for (magic, offset, name) in others where head.has(magic, at: offset) { return "\(name) is not supported" }
        let start = head.prefix(8)
        let text = start.printable
        return text.utf8.contains(UInt8(ascii: ".")) ? "an unknown format" : "an unknown format (it starts \"\(text)\")"
    }

    /// Formats that a device may well send, so that the message can name them.
    private static let others: [(StaticString, Int, String)] = [
        ("RIFX", 0, "big-endian WAV (RIFX)"), ("riff", 0, "Wave64"), ("FORM", 0, "AIFF"), (".snd", 0, "Sun/NeXT AU"),
        ("caff", 0, "CAF"), ("ftyp", 4, "MP4/M4A"), ("#!AMR", 0, "AMR"), ("wvpk", 0, "WavPack"),
        ("MATLAB", 0, "MATLAB data"), ("NIST_1A", 0, "NIST Sphere"), ("Creative Voi", 0, "Creative VOC"),
        ("MAC ", 0, "Monkey's Audio"), ("0&", 0, "Windows Media"), ("PK", 0, "a ZIP archive"),
        ("<", 0, "a web page or XML document"), ("{", 0, "a JSON document"),
    ]
}
