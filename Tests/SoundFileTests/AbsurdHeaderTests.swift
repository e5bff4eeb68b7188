import SoundFile
import TestKit
import Testing

/// Headers that contradict themselves or reality, each with its reason.
struct AbsurdHeaderTests {
    /// A 16-bit PCM WAV with every header field adjustable.
    static func wave(
        tag: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int = 16, frameBytes: Int? = nil, dataSize: Int? = nil,
        riffSize: Int? = nil, extra: [UInt8] = [], audio: [UInt8] = [UInt8](repeating: 1, count: 1600)
    ) -> [UInt8] {
        func little(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 0xFF) } }
        let frame = frameBytes ?? (channels * bits / 8) & 0xFFFF
        let format =
            little(tag, 2) + little(channels, 2) + little(rate, 4) + little(rate &* frame, 4) + little(frame, 2)
            + little(bits, 2)
        let chunks =
            Array("WAVEfmt ".utf8) + little(16, 4) + format + extra + Array("data".utf8)
            + little(dataSize ?? audio.count, 4) + audio
        return Array("RIFF".utf8) + little(riffSize ?? chunks.count, 4) + chunks
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let reason: String
        let message: String
        init(_ bytes: [UInt8], _ reason: String, _ message: String) {
            self.bytes = bytes
            self.reason = reason
            self.message = message
        }
        var testDescription: String { message }
    }

    static let cases: [Case] = [
        Case(wave(channels: 0), "undecodable", "the header says 0 channels"),
        Case(
            wave(channels: 1025, frameBytes: 2050), "unsupported",
            "the header says 1025 channels, at most 256 are supported"),
        Case(wave(rate: 0), "undecodable", "the header says a sample rate of 0 Hz"),
        Case(
            wave(rate: 1 << 31), "unsupported",
            "the header says a sample rate of 2147483648 Hz, 1000 to 768000 Hz are supported"),
        Case(
            wave(rate: 1), "unsupported",
            "the header says a sample rate of 1 Hz, 1000 to 768000 Hz are supported"),
        Case(
            wave(frameBytes: 3), "undecodable",
            "the header contradicts itself: 1 channels of 16 bits in frames of 3 bytes"),
        Case(
            wave(frameBytes: 0), "undecodable",
            "the header contradicts itself: 1 channels of 16 bits in frames of 0 bytes"),
        Case(wave(bits: 20), "unsupported", "WAV samples of 20 bits (codec 1) are not supported"),
        Case(wave(bits: 0), "unsupported", "WAV samples of 0 bits (codec 1) are not supported"),
        Case(
            wave(tag: 0x11, bits: 4), "unsupported",
            "the WAV codec IMA ADPCM is not supported; PCM, float, µ-law, A-law, GSM 6.10 and MP3 are"),
        Case(
            wave(extra: Array("LIST".utf8) + [0xFF, 0xFF, 0xFF, 0x7F]), "truncated",
            "the chunk \"LIST\" at byte 36 runs past the end of the file"),
        Case(
            wave(dataSize: 160_000, riffSize: 160_036), "truncated",
            "the header promises 10.00 s, the file holds 0.10 s"),
        Case(
            wave(extra: Array("fmt ".utf8) + [16, 0, 0, 0] + [UInt8](repeating: 0, count: 16)), "undecodable",
            "a second \"fmt \" chunk stands at byte 36"),
        Case([], "truncated", "the file is empty"),
        Case(
            Array("<html><body>403".utf8), "unsupported",
            "a web page or XML document is not a recording; leave it out with fetch's 'include', or repair the upload"),
        Case(
            Array("hello world, no audio".utf8), "unsupported",
            "an unknown format (it starts \"hello wo\"); WAV, AIFF, AU, CAF, W64, FLAC, Ogg and MP3 are supported"),
        Case(
            Array("RIFF....RMIDdata".utf8), "unsupported",
            "a RIFF file of kind \"RMID\" is not supported, \"WAVE\" is"),
    ]

    @Test(arguments: cases)
    func `an absurd header is refused with a message`(_ example: Case) throws {
        #expect(try Outcome(of: example.bytes) == .refused(example.reason, message: example.message))
    }

    @Test(arguments: ["ima-adpcm.wav", "matlab4.mat"])
    func `formats off the list are unsupported`(_ name: String) throws {
        #expect(try Outcome(of: Recordings.bytes(name)).reason == "unsupported")
    }

    /// What recorders leave that could not go back to their header, by the rule: next to a limit of the size's type, 0,
    /// or the file's own size.
    static let placeholders: [(data: Int, riff: Int)] = [
        (0xFFFF_FFFF, 0xFFFF_FFFF), (0x7FFF_F000, 0x7FFF_F024), (0x7FFF_FFFF, 0x7FFF_FFFF),
        (0x8000_0000, 0x8000_0024), (0xFFFF_FFFE, 0xFFFF_FFFE), (0xFFFF_FFDB, 0xFFFF_FFFF),
        (0xFFFF_F000, 0xFFFF_F024), (0x7FFF_FFDB, 0x7FFF_FFFF), (0x8000_0024, 0x8000_0048), (0, 0), (0, 36),
        (0, 0xFFFF_FFFF), (1644, 1636), (1644, 1680), (1636, 1636), (2000, 1636), (1_000_000, 1636),
    ]

    @Test(arguments: placeholders)
    func `sizes that recorders leave mean up to the end of the file`(_ data: Int, _ riff: Int) throws {
        let whole = try Outcome(of: Self.wave())
        #expect(try Outcome(of: Self.wave(dataSize: data, riffSize: riff)) == whole)
        #expect(whole == .decoded(frames: 800, rate: 8000, channels: 1, samples: whole.samples))
    }

    @Test func `a size rounded down to whole frames is still a placeholder`() throws {
        // As written by sox when it writes three channels of 16 bits to a pipe.
        #expect(
            try Outcome(of: Self.wave(channels: 3, dataSize: 0x7FFF_EFFC))
                == Outcome(of: Self.wave(channels: 3)))
    }

    @Test func `a file that does not say where it ends is marked as open`() throws {
        let scratch = try ScratchFolder()
        let open = try scratch.write("open", Self.wave(dataSize: 0x8000_0000, riffSize: 0x8000_0024))
        #expect(try SoundFile(path: open).header.isOpenEnded)
        // The file's own size is right, so that nothing can be missing.
        let closed = try scratch.write("closed", Self.wave(dataSize: 2000, riffSize: 1636))
        #expect(try !SoundFile(path: closed).header.isOpenEnded)
        #expect(try !SoundFile(path: scratch.write("whole", Self.wave())).header.isOpenEnded)
    }

    @Test func `audio behind what the header promises is not left out in silence`() throws {
        let whole = Self.wave()
        let loud = [UInt8](repeating: 0x91, count: 16_000)
        #expect(
            try Outcome(of: whole + loud).message
                == "the header promises less than the file holds: 16000 bytes follow the audio, from byte 1644, outside any chunk"
        )
        #expect(
            try Outcome(of: whole + whole).message
                == "a second recording starts at byte 1644: several recordings, joined")
        // A few stray bytes, zeros and tags hold nothing to lose.
        #expect(try Outcome(of: whole + loud.prefix(100)) == Outcome(of: whole))
        #expect(try Outcome(of: whole + [UInt8](repeating: 0, count: 20_000)) == Outcome(of: whole))
    }

    @Test(arguments: [[], [0], [0x51]])
    func `a chunk of odd length is padded, or not`(_ pad: [UInt8]) throws {
        let list = Array("LIST".utf8) + [11, 0, 0, 0] + Array("INFOICMT\u{7}\0\0".utf8) + pad
        #expect(try Outcome(of: Self.wave(extra: list)) == Outcome(of: Self.wave()))
    }

    @Test func `no audio at all is zero frames`() throws {
        #expect(
            try Outcome(of: Self.wave(audio: []))
                == .decoded(frames: 0, rate: 8000, channels: 1, samples: []))
    }

    @Test func `a damaged chunk after the audio loses nothing`() throws {
        let tail = Array("LIST".utf8) + [0xFF, 0xFF, 0, 0] + Array("INFO".utf8)
        #expect(try Outcome(of: Self.wave() + tail) == Outcome(of: Self.wave()))
    }

    @Test func `FLAC figures outside the list are refused`() throws {
        var bytes = try Recordings.bytes("flac16.flac")
        let whole = bytes
        // The 20-bit rate in bytes 18 to 20, then 3 bits of channels, 5 of bits a sample.
        bytes[18] = 0
        bytes[19] = 0
        bytes[20] &= 0x0F
        #expect(try Outcome(of: bytes).message == "the header says a sample rate of 0 Hz")
        bytes = whole
        bytes[20] |= 1
        bytes[21] = bytes[21] & 0x0F | 0x30
        #expect(try Outcome(of: bytes).message == "FLAC of 20 bits is not supported")
        bytes = whole
        bytes[4] = 0x84
        #expect(try Outcome(of: bytes).message == "the first FLAC block is not STREAMINFO")
    }
}
