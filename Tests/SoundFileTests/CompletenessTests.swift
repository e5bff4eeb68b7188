import SoundFile
import TestKit
import Testing

/// As many samples come out as the file's structure holds, or it is refused in words: for every format, however it was
/// joined, cut or labelled.
@Suite(.tags(.slow)) struct CompletenessTests {
    static let files = DecodingTests.formats.map(\.file)
    static let mp3s = ["mp3.mp3", "mp3-low.mp3"]
    static let flacs = ["flac16.flac", "flac24.flac"]

    @Test(arguments: files)
    func `two joined recordings come out whole, or are refused`(_ name: String) throws {
        let first = try Recordings.bytes(name)
        let alone = try Outcome(of: first)
        for other in Self.files {
            let joined = try Outcome(of: first + Recordings.bytes(other))
            guard let frames = joined.frames else {
                #expect(joined.message?.isEmpty == false)
                continue
            }
            let second = try Outcome(path: "\(Recordings.folder)/\(other)")
            #expect(joined.samples == alone.samples + second.samples, "\(frames) samples of \(name) and \(other)")
        }
    }

    @Test(arguments: files)
    func `a cut recording is refused, or says that its end is open`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let whole = try Outcome(of: bytes)
        let scratch = try ScratchFolder()
        var random = SeededGenerator(seed: 99)
        for round in 0..<60 {
            let cut = Array(bytes[..<Int.random(in: 4..<bytes.count, using: &random)])
            guard let frames = try Outcome(of: cut).frames else { continue }
            let header = try SoundFile(path: scratch.write("cut\(round)", cut)).header
            #expect(header.isOpenEnded, "\(frames) samples of \(cut.count) bytes pass")
        }
        for _ in 0..<60 {
            let cut = Array(bytes[..<Int.random(in: 4..<bytes.count, using: &random)])
            let kept = try Outcome(of: cut, keepingTruncated: true)
            guard kept.frames != nil else { continue }
            // An MP3's last frames need those behind them.
            let sure = kept.samples.dropLast(name.contains("mp3") ? 2 * 529 : 0)
            if name.contains("ogg") { continue }
            let count = min(sure.count, whole.samples.count)
            #expect(sure.prefix(count).elementsEqual(whole.samples.prefix(count)))
        }
    }

    @Test(arguments: mp3s)
    func `an MP3 without info frame has as many samples as its frames`(_ name: String) throws {
        let mp3 = try MP3Bytes(Recordings.bytes(name))
        let whole = try Outcome(of: Recordings.bytes(name))
        guard case .decoded(let frames, _, let channels, let samples) = try Outcome(of: mp3.bare) else {
            Issue.record("the bare file is refused")
            return
        }
        #expect(frames == mp3.frames.count * mp3.samplesPerFrame)
        // The encoder's delay is at its start, which only the info frame knows; the decoder's is not.
        #expect(samples.dropFirst(576 * channels).starts(with: whole.samples))
        // A file that was cut at the front goes on where it can.
        for dropped in 1...3 {
            let rest = mp3.frames.dropFirst(dropped).flatMap { $0 }
            #expect(try Outcome(of: rest).frames == frames - dropped * mp3.samplesPerFrame)
        }
    }

    @Test(arguments: mp3s)
    func `a wrong count in an info frame loses nothing`(_ name: String) throws {
        let mp3 = try MP3Bytes(Recordings.bytes(name))
        let held = mp3.frames.count * mp3.samplesPerFrame
        for count in [0, 1, mp3.frames.count / 2, mp3.frames.count - 1] {
            let outcome = try Outcome(of: mp3.counting(count))
            // The encoder's delay at the start is known; the padding at the end is not where the count says.
            #expect(outcome.frames == held - 576, "\(count): \(outcome)")
        }
        #expect(try Outcome(of: mp3.counting(mp3.frames.count)) == Outcome(of: Recordings.bytes(name)))
    }

    @Test(arguments: mp3s)
    func `joined MP3s come out one after the other, each as alone`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let mp3 = MP3Bytes(bytes)
        let (alone, bare) = try (Outcome(of: bytes), Outcome(of: mp3.bare))
        let tag = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        let id3 = Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, 5] + [UInt8](repeating: 0, count: 5)
        #expect(try Outcome(of: bytes + bytes).samples == alone.samples + alone.samples)
        #expect(try Outcome(of: bytes + tag + id3 + bytes + tag).samples == alone.samples + alone.samples)
        #expect(try Outcome(of: id3 + bytes + id3 + mp3.bare).samples == alone.samples + bare.samples)
        #expect(try Outcome(of: mp3.bare + mp3.bare).frames == 2 * mp3.frames.count * mp3.samplesPerFrame)
    }

    @Test(arguments: mp3s)
    func `zeros, tags and half a frame around an MP3 are left out`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let mp3 = MP3Bytes(bytes)
        let alone = try Outcome(of: bytes)
        let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 5] + [UInt8](repeating: 7, count: 5)
        let zeros = [UInt8](repeating: 0, count: 700)
        let lyrics = Array("LYRICSBEGININD0000200LYR00005hello000034LYRICS200".utf8)
        let tag = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        for before in [zeros, id3 + zeros, id3 + id3, Array(mp3.frames[3].dropFirst(20))] {
            for behind in [[], zeros, tag, lyrics, lyrics + tag] {
                #expect(try Outcome(of: before + bytes + behind) == alone, "\(before.count) and \(behind.count) bytes")
            }
        }
        // Whole frames that are damaged are not half a frame.
        var damaged = mp3.bare
        damaged[0] = 0
        #expect(try Outcome(of: damaged).frames == nil)
    }

    @Test(arguments: flacs)
    func `joined FLACs come out whole`(_ name: String) throws {
        let bytes = try Recordings.bytes(name)
        let alone = try Outcome(of: bytes)
        #expect(try Outcome(of: bytes + bytes).samples == alone.samples + alone.samples)
        // Joined without the second header, as 'ffmpeg -c copy' does: STREAMINFO counts the first one only.
        var at = 4
        while bytes[at] & 0x80 == 0 {
            at += 4 + Int(bytes[at + 1]) << 16 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3])
        }
        let first = at + 4 + Int(bytes[at + 1]) << 16 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3])
        #expect(try Outcome(of: bytes + bytes[first...]).samples == alone.samples + alone.samples)
        // A promise of fewer samples than there are.
        var fewer = bytes
        fewer[25] = 100
        fewer[24] = 0
        fewer[23] = 0
        #expect(try Outcome(of: fewer).samples == alone.samples)
        let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 5] + [UInt8](repeating: 7, count: 5)
        #expect(try Outcome(of: id3 + bytes + id3).samples == alone.samples)
    }

    @Test func `FLAC in Ogg decodes as FLAC does`() throws {
        let flac = try Recordings.bytes("flac16.flac")
        #expect(try Outcome(of: OggBytes.wrapping(flac)) == Outcome(of: flac))
    }

    @Test func `GSM in WAV decodes to what was written, whatever its sizes say`() throws {
        var bytes = try Recordings.bytes("gsm.wav")
        let whole = try Outcome(of: bytes)
        // Half a second at 8 kHz is 12.5 blocks of 320 samples.
        #expect(whole.frames == 13 * 320)
        let data = try #require(
            bytes.indices.first { Array(bytes[$0..<min($0 + 4, bytes.count)]) == Array("data".utf8) })
        for index in 4..<8 { bytes[data + index] = 0xFF }
        #expect(try Outcome(of: bytes) == whole)
    }
}
