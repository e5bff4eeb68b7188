import BatchFormat
import Fault
import Foundation
import JSON
import TestKit
import Testing

/// The stage on a whole part, with decoders in separate processes.
struct CleanStageTests {
    private static func tone(_ frequency: Double, rate: Int = 16_000) -> [UInt8] {
        Recordings.tones([(0.5, frequency)], rate: rate)
    }

    private static func night() throws -> FetchedPart {
        var uploads: [FetchedPart.Upload] = []
        for index in 0..<12 {
            uploads.append(
                FetchedPart.Upload(
                    id: "device-\(index % 3)/rec-\(index).wav",
                    bytes: tone(200 + 100 * Double(index), rate: [8_000, 44_100, 48_000][index % 3])))
        }
        uploads.insert(FetchedPart.Upload(id: "cut.wav", bytes: Array(tone(440).prefix(20_000))), at: 3)
        uploads.insert(FetchedPart.Upload(id: "mail.wav", bytes: Array("Dear all, ".utf8)), at: 7)
        uploads.append(FetchedPart.Upload(id: "tape.ogg", bytes: try Recordings.fixture("vorbis.ogg")))
        return try FetchedPart(uploads)
    }

    @Test func `every item is settled in order`() throws {
        let part = try Self.night().clean()
        let ids = try part.reader.items().map(\.id.text)
        #expect(ids == (0..<12).map { "device-\($0 % 3)/rec-\($0).wav" } + ["tape.ogg"])
        #expect(
            try part.rejections() == [
                "cut.wav": "truncated: the header promises 1.00 s, the file holds 0.31 s",
                "mail.wav":
                    "unsupported: an unknown format (it starts \"Dear all\"); WAV, AIFF, AU, CAF, W64, FLAC, Ogg and MP3 are supported",
            ])
        let audio = try part.reader.tensors("audio.safetensors")
        #expect(audio.names.map(\.text) == ids)
        #expect(try ids.allSatisfy { try #require(audio.shape(ItemID($0))) == [$0 == "tape.ogg" ? 8_000 : 16_000] })
    }

    @Test func `the number of jobs changes no byte`() throws {
        let night = try Self.night()
        let alone = try night.clean(jobs: 1)
        for jobs in [2, 5] {
            let together = try night.clean(jobs: jobs)
            for file in ["items.jsonl", "rejects.jsonl", "audio.safetensors"] {
                #expect(try together.bytes(file) == alone.bytes(file), "\(file) with \(jobs) jobs")
            }
            #expect(together.reader.seal.digest == alone.reader.seal.digest)
        }
    }

    @Test func `the ledger passes on what it was given`() throws {
        let upload = FetchedPart.Upload(
            id: "a.wav", bytes: Self.tone(440), fields: ["site": "north", "other": [1, "x"]])
        let part = try FetchedPart([upload]).clean("[clean.fields]\ngain_db = { type = \"number\", fill = 0.0 }")
        let line = String(decoding: try part.bytes("items.jsonl"), as: UTF8.self)
        let expected = """
            {"id": "a.wav", "fetch": {"bytes": 64044, "object": "objects/0", "last_modified": "2026-11-19T23:00:00Z"}, \
            "fields": {"site": "north", "other": [1, "x"], "gain_db": 0.0}, \
            "clean": {"filled": ["gain_db"], "seconds": 1.0, "source_rate": 16000, "source_channels": 1, \
            "source_encoding": "pcm_f32", "peak_dbfs": -6.0, "rms_dbfs": -9.0, "silence_ratio": 0.0, \
            "clipping_ratio": 0.0, "dc_offset": 0.0, "snr_db":
            """
        #expect(line.hasPrefix(expected))
    }

    @Test func `an item without fields gets none`() throws {
        let part = try FetchedPart([FetchedPart.Upload(id: "a.wav", bytes: Self.tone(440))]).clean()
        let row = try #require(try part.rows()["a.wav"])
        #expect(row["fields"] == nil)
        #expect(row["clean"]?["filled"] == nil)
    }

    @Test func `decoders that die cost their items and nothing else`() throws {
        var uploads = (0..<6).map { FetchedPart.Upload(id: "\($0).wav", bytes: Self.tone(440)) }
        uploads[2].object = "crash-2"
        uploads[4].object = "abort-4"
        let part = try FetchedPart(uploads)
        let cleaned = try part.clean(jobs: 3)
        #expect(try cleaned.reader.items().map(\.id.text) == ["0.wav", "1.wav", "3.wav", "5.wav"])
        let message = "undecodable: the decoder crashes on this recording"
        #expect(try cleaned.rejections() == ["2.wav": message, "4.wav": message])
        #expect(try part.clean(jobs: 1).reader.seal.digest == cleaned.reader.seal.digest)
    }

    @Test func `an object that changed after sealing is damage`() throws {
        let part = try FetchedPart([FetchedPart.Upload(id: "a.wav", bytes: Self.tone(440))])
        var bytes = Self.tone(440)
        bytes[1000] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: part.object(0)))
        #expect(performing: { _ = try part.clean() }, throws: { error in (error as? Fault)?.kind == .damaged })
    }

    @Test func `a part of nothing but rejects has an empty tensor file`() throws {
        let part = try FetchedPart([FetchedPart.Upload(id: "a.wav", bytes: [])]).clean()
        #expect(try part.rejections() == ["a.wav": "truncated: the file is empty"])
        #expect(try part.reader.tensors("audio.safetensors").names.isEmpty)
    }

    @Test func `an empty part passes`() throws {
        let part = try FetchedPart([]).clean()
        #expect(try part.reader.items().isEmpty)
    }

    @Test func `damaged uploads get the same verdict every time`() throws {
        // A few hundred uploads damaged in transit: no crash reaches the tool, and two runs give the same bytes.
        var random = SeededGenerator(seed: 20_261_121)
        var uploads: [FetchedPart.Upload] = []
        for name in ["pcm16.wav", "flac16.flac", "vorbis.ogg", "opus.ogg", "mp3.mp3", "mp3-low.mp3", "long.rf64"] {
            let original = try Recordings.fixture(name)
            for round in 0..<40 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                if round % 4 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
                uploads.append(FetchedPart.Upload(id: "\(name)-\(round)", bytes: bytes))
            }
        }
        let night = try FetchedPart(uploads)
        let (first, second) = (try night.clean(jobs: 2), try night.clean(jobs: 3))
        #expect(first.reader.seal.itemsIn == uploads.count)
        #expect(first.reader.seal.digest == second.reader.seal.digest)
        let reasons = Set(first.reader.seal.rejectedByReason.map(\.reason))
        #expect(reasons.isSuperset(of: ["truncated", "undecodable"]))
    }
}
