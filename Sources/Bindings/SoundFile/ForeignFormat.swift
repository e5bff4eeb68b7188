/// Formats that a device or a store may well send, so that a refusal can name them and say what to do.
enum ForeignFormat {
    /// The refusal of a format that is known and not on the allow-list; `nil` if it is not known.
    static func name(of head: ArraySlice<UInt8>, _ source: inout ByteSource) -> String? {
        // AAC's sync looks like MP3's, with the layer 0.
        if head.count >= 2, head.big(0, 2) & 0xFFF6 == 0xFFF0 {
            return "AAC (ADTS) is not supported; \(AllowList.advice)"
        }
        if head.has("ftyp", at: 4) { return "\(kindOfMP4(head)) is not supported; \(AllowList.advice)" }
        for (magic, offset, name) in recordings where matches(head, magic, offset) {
            return "\(name) is not supported; \(AllowList.advice)"
        }
        for (magic, name) in packed where head.starts(with: magic) {
            return "\(name) is not supported; store the recording itself, unpacked"
        }
        for (magic, name) in others where head.starts(with: magic) {
            return "\(name) is not a recording; leave it out with fetch's 'include', or repair the upload"
        }
        return nil
    }

    /// The refusal of anything else.
    static func unknown(_ head: ArraySlice<UInt8>, _ source: inout ByteSource) throws(SoundFileError) -> String {
        if try Tags.end(ofZerosAt: 0, in: &source) == source.count { return "the file contains nothing but zeros" }
        let text = head.prefix(8).printable
        let start = text.utf8.contains(UInt8(ascii: ".")) ? "" : " (it starts \"\(text)\")"
        return "an unknown format\(start); WAV, AIFF, AU, CAF, W64, FLAC, Ogg and MP3 are supported"
    }

    private static func matches(_ head: ArraySlice<UInt8>, _ magic: [UInt8], _ offset: Int) -> Bool {
        head.dropFirst(offset).starts(with: magic)
    }

    private static func kindOfMP4(_ head: ArraySlice<UInt8>) -> String {
        switch head.dropFirst(8).prefix(4).printable.prefix(3) {
        case "3gp", "3g2": "3GP"
        case "qt ": "QuickTime"
        default: "MP4/M4A (AAC)"
        }
    }

    private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let recordings: [(magic: [UInt8], offset: Int, name: String)] = [
        (ascii("RIFX"), 0, "big-endian WAV (RIFX)"), (ascii("AVI "), 8, "AVI"),
        ([0x1A, 0x45, 0xDF, 0xA3], 0, "WebM/Matroska"),
        (ascii("#!AMR"), 0, "AMR"), (ascii("#!SILK"), 0, "SILK"), (ascii("\u{2}#!SILK"), 0, "SILK"),
        ([0x30, 0x26, 0xB2, 0x75], 0, "Windows Media (ASF/WMA)"), (ascii("wvpk"), 0, "WavPack"),
        (ascii("MAC "), 0, "Monkey's Audio"), (ascii("TTA1"), 0, "True Audio"), (ascii("tBaK"), 0, "TAK"),
        (ascii("MPCK"), 0, "Musepack"), (ascii("MP+"), 0, "Musepack"), (ascii("ajkg"), 0, "Shorten"),
        (ascii("DSD "), 0, "DSD"), (ascii("FRM8"), 0, "DSD (DSDIFF)"), (ascii("ADIF"), 0, "AAC (ADIF)"),
        (ascii(".RMF"), 0, "RealMedia"), (ascii(".ra"), 0, "RealAudio"), (ascii("FLV"), 0, "Flash video"),
        (ascii("NIST_1A"), 0, "NIST Sphere"), (ascii("Creative Voi"), 0, "Creative VOC"),
        (ascii("dns."), 0, "AU in reverse order"),
        (ascii("MATLAB"), 0, "MATLAB data"), (ascii("MThd"), 0, "MIDI"), (ascii("8SVX"), 8, "8SVX"),
        ([0, 0, 1, 0xBA], 0, "MPEG video"), ([0x0B, 0x77], 0, "AC-3"), ([0x7F, 0xFE, 0x80, 0x01], 0, "DTS"),
        (ascii("2BIT"), 0, "AVR"), (ascii("DVM"), 0, "DVM"), (ascii("DS2"), 1, "Olympus DS2"),
        (ascii("dss"), 1, "Olympus DSS"),
    ]

    private static let packed: [(magic: [UInt8], name: String)] = [
        ([0x1F, 0x8B], "a gzip file (perhaps stored with Content-Encoding: gzip)"),
        (ascii("PK\u{3}\u{4}"), "a ZIP archive"),
        (ascii("PK\u{5}\u{6}"), "an empty ZIP archive"), (ascii("7z") + [0xBC, 0xAF], "a 7z archive"),
        (ascii("Rar!"), "a RAR archive"),
        (ascii("BZh"), "a bzip2 file"), ([0xFD] + ascii("7zXZ"), "an xz file"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"),
        ([0x04, 0x22, 0x4D, 0x18], "an LZ4 file"),
    ]

    private static let others: [(magic: [UInt8], name: String)] = [
        (ascii("<?xml"), "an XML document, perhaps a server's error message,"),
        (ascii("<"), "a web page or XML document"),
        (ascii("{"), "a JSON document"), (ascii("[{"), "a JSON document"),
        (ascii("version https://"), "a Git LFS pointer"),
        (ascii("%PDF"), "a PDF document"), ([0x89] + ascii("PNG"), "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        (ascii("GIF8"), "a GIF image"), ([0x7F] + ascii("ELF"), "a program"),
        (ascii("SQLite format"), "an SQLite database"),
        (ascii("PAR1"), "a Parquet file"), ([0x93] + ascii("NUMPY"), "a NumPy array"), (ascii("#!/"), "a script"),
    ]
}
