import SoundFile
import TestKit
import Testing

/// libsndfile treats a truncated file as a shorter one; here none may pass.
@Suite(.tags(.slow)) struct TruncationTests {
    @Test(arguments: DecodingTests.formats.map(\.file))
    func `a cut file is truncated wherever it is cut`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        var cuts = Set(0..<min(200, bytes.count)).union(stride(from: 200, to: bytes.count, by: bytes.count / 40))
        cuts.formUnion([bytes.count - 1, bytes.count - 2])
        // Less than a magic number cannot be distinguished from an unknown format.
        cuts.subtract(1..<4)
        let others = try cuts.sorted().filter { try Outcome(of: Array(bytes[..<$0])).reason != "truncated" }
        let first = try others.first.map { try "\(Outcome(of: Array(bytes[..<$0])))" }
        #expect(others == [], "of \(bytes.count) bytes; the first is \(first ?? "none")")
    }

    @Test func `the message says both lengths`() throws {
        let wave = try Recordings.bytes("pcm16.wav")
        #expect(
            try Outcome(of: Array(wave[..<(44 + 4 * 4800)])).message
                == "the header promises 0.50 s, the file holds 0.30 s")
        #expect(
            try Outcome(of: Array(wave.dropLast())).message
                == "the header promises 8000 samples, the file holds 7999")
        let flac = try Recordings.bytes("flac16.flac")
        #expect(
            try Outcome(of: Array(flac[..<(flac.count / 2)])).message
                == "the header promises 0.50 s, the file holds 0.19 s")
    }

    @Test func `FLAC damaged in the middle is not called truncated`() throws {
        var bytes = try Recordings.bytes("flac16.flac")
        bytes[bytes.count / 2] ^= 0x55
        #expect(try Outcome(of: bytes).reason == "undecodable")
    }

    @Test func `FLAC of unknown length decodes whole, and is found when cut`() throws {
        var bytes = try Recordings.bytes("flac16.flac")
        // STREAMINFO's total: the low four bits of byte 21 and bytes 22 to 25.
        bytes[21] &= 0xF0
        for at in 22...25 { bytes[at] = 0 }
        guard case .decoded(let frames, _, _, _) = try Outcome(of: bytes) else {
            Issue.record("the streamed FLAC is refused: \(try Outcome(of: bytes))")
            return
        }
        #expect(frames == 22_050)
        #expect(try Outcome(of: Array(bytes.dropLast(100))).reason == "truncated")
    }

    @Test(arguments: ["vorbis.ogg", "opus.ogg"])
    func `an Ogg file that ends with a whole page, and no end mark, is taken and marked`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let magic = Array("OggS".utf8)
        let pages = bytes.indices.dropLast(3).filter { Array(bytes[$0..<$0 + 4]) == magic }
        let last = try #require(pages.last)
        let scratch = try ScratchFolder()
        guard pages.count > 3 else {
            // Two pages of headers and no audio.
            #expect(try Outcome(of: Array(bytes[..<last])).reason == "truncated")
            return
        }
        let path = try scratch.write("cut", Array(bytes[..<last]))
        #expect(try SoundFile(path: path).header.isOpenEnded)
        let (cut, whole) = try (Outcome(path: path), Outcome(of: bytes))
        #expect(cut.samples.elementsEqual(whole.samples.prefix(cut.samples.count)) && !cut.samples.isEmpty)
    }

    @Test(arguments: DecodingTests.formats.map(\.file))
    func `what is there of a cut file can be kept`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let whole = try Outcome(of: bytes)
        let half = Array(bytes[..<(bytes.count * 2 / 3)])
        let kept = try Outcome(of: half, keepingTruncated: true)
        // These have one page or one frame of audio.
        guard !name.hasSuffix(".ogg"), name != "flac24.flac" else {
            #expect(kept.reason == "truncated")
            return
        }
        let frames = try #require(kept.frames, "\(kept)")
        let held = try #require(whole.frames)
        #expect(frames > held / 3 && frames < held)
        // The last 529 samples of an MP3 fade out: half of what they need was in the next frame.
        let sure = kept.samples.dropLast(name.contains("mp3") ? 2 * 529 : 0)
        #expect(sure.elementsEqual(whole.samples.prefix(sure.count)))
        let scratch = try ScratchFolder()
        let header = try SoundFile(path: scratch.write("half", half), keepingTruncated: true).header
        #expect(header.truncation == (try Outcome(of: half).message))
        // A whole file is not marked.
        let path = "\(Recordings.folder)/\(name)"
        #expect(try SoundFile(path: path, keepingTruncated: true).header.truncation == nil)
    }

    @Test func `a cut MP3 loses a frame`() throws {
        // 104 bytes per frame (or 105 with padding): if cut between two frames, only the info frame shows it.
        let bytes = try Recordings.bytes("mp3.mp3")
        let syncs = bytes.indices.dropLast(1).filter { bytes[$0] == 0xFF && bytes[$0 + 1] & 0xE0 == 0xE0 }
        let last = try #require(syncs.last)
        #expect(try Outcome(of: Array(bytes[..<last])).reason == "truncated")
    }

    @Test func `tags and padding after the audio do no harm`() throws {
        let tag = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        for name in ["mp3.mp3", "vorbis.ogg", "flac16.flac", "pcm16.wav"] {
            let bytes = try Recordings.bytes(name)
            #expect(try Outcome(of: bytes + tag) == Outcome(of: bytes), "\(name) with an ID3v1 tag")
        }
        let mp3 = try Recordings.bytes("mp3.mp3")
        #expect(try Outcome(of: mp3 + [UInt8](repeating: 0, count: 500)) == Outcome(of: mp3))
        let id3v2: [UInt8] = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 20] + [UInt8](repeating: 0, count: 20)
        #expect(try Outcome(of: id3v2 + mp3) == Outcome(of: mp3))
    }
}
