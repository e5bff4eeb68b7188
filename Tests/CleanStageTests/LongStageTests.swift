import BatchFormat
import Fault
import Foundation
import JSON
import Testing

/// The stage on parts with long recordings, with decoders in separate processes.
struct LongStageTests {
    private static let split = "long = \"split\"\nmax_seconds = 2\nsample_rate = 8000"

    private static func upload(_ id: String, seconds: Double, object: String? = nil) -> FetchedPart.Upload {
        FetchedPart.Upload(
            id: id, bytes: Recordings.tones([(0.5, 300)], rate: 8_000, seconds: seconds), fields: ["site": "north"],
            object: object)
    }

    @Test func `an item is settled by its pieces`() throws {
        let uploads = [
            Self.upload("a.wav", seconds: 1), Self.upload("b.wav", seconds: 5), FetchedPart.Upload(id: "c", bytes: []),
        ]
        let part = try FetchedPart(uploads).clean(Self.split)
        let ids = ["a.wav", "b.wav@0.0-2.0", "b.wav@2.0-4.0", "b.wav@4.0-5.0"]
        let rows = try part.reader.items()
        #expect(rows.map(\.id.text) == ids)
        #expect(try part.rejections() == ["c": "truncated: the file is empty"])
        let seal = part.reader.seal
        #expect((seal.itemsIn, seal.split.items, seal.split.pieces, seal.items, seal.rejected) == (3, 1, 3, 4, 1))
        // What a piece is, and where it comes from.
        let second = rows[2].object
        #expect(second["clean"]?["source"] == "b.wav" && second["clean"]?["offset"] == 2.0)
        #expect(second["clean"]?["seconds"] == 2.0)
        #expect(second["fetch"] == rows[1].object["fetch"] && second["fields"]?["site"] == "north")
        #expect(rows[0].object["clean"]?["source"] == nil)
        let audio = try part.reader.tensors("audio.safetensors")
        #expect(audio.names.map(\.text) == ids)
        #expect(try ids.map { try #require(audio.shape(ItemID($0))) } == [[8_000], [16_000], [16_000], [8_000]])
    }

    @Test func `a silent piece is rejected under its own name`() throws {
        var samples = [Float](repeating: 0, count: 48_000)
        for index in samples.indices where !(15_200..<32_800).contains(index) {
            samples[index] = index % 9 > 4 ? 0.3 : -0.3
        }
        let upload = FetchedPart.Upload(id: "gap.wav", bytes: Recordings.wave(samples, rate: 8_000))
        let part = try FetchedPart([upload]).clean(Self.split)
        #expect(try part.reader.items().map(\.id.text) == ["gap.wav@0.0-2.0", "gap.wav@4.0-6.0"])
        let rejects = try part.reader.rejects()
        #expect(rejects.map(\.id.text) == ["gap.wav@2.0-4.0"] && rejects.first?.source == "gap.wav")
        #expect(try part.reader.tensors("audio.safetensors").names.count == 2)
        #expect((part.reader.seal.items, part.reader.seal.rejected, part.reader.seal.split.pieces) == (2, 1, 3))
    }

    @Test func `the number of jobs changes no byte`() throws {
        let night = try FetchedPart((1...9).map { Self.upload("\($0).wav", seconds: Double($0) * 0.9) })
        let alone = try night.clean(Self.split, jobs: 1)
        let together = try night.clean(Self.split, jobs: 4)
        #expect(together.reader.seal.digest == alone.reader.seal.digest)
        #expect(try alone.reader.items().count > 20)
    }

    @Test func `names that pieces could have are refused`() throws {
        let long = String(repeating: "n", count: 1_010)
        let uploads = ["a.wav@0.0-2.0", "b@1.wav", "c.wav@0-2", "@0.0-2", long].map { Self.upload($0, seconds: 1) }
        let part = try FetchedPart(uploads)
        let rejected = try part.clean(Self.split).rejections()
        #expect(rejected.keys.sorted() == ["a.wav@0.0-2.0", long])
        #expect(rejected.values.allSatisfy { $0.hasPrefix("bad_key: the name ") })
        // If nothing is cut, any name is allowed.
        #expect(try part.clean("sample_rate = 8000").rejections().isEmpty)
    }

    /// So long that the rest has to wait in the decoder: more than 4,194,304 samples.
    private static let veryLong: [UInt8] = Recordings.wave(
        (0..<4_800_000).map { $0 % 16 < 8 ? 0.25 : -0.25 }, rate: 8_000)

    @Test(arguments: ["half-100000", "half-4500000"]) func `a decoder that dies on the way leaves nothing behind`(
        _ behaviour: String
    ) throws {
        let whole = "sample_rate = 8000\nmax_seconds = 1000"
        for lines in [whole, "sample_rate = 8000\nlong = \"split\"\nmax_seconds = 100"] {
            var uploads = [
                Self.upload("first.wav", seconds: 1), FetchedPart.Upload(id: "long.wav", bytes: Self.veryLong),
                Self.upload("last.wav", seconds: 1),
            ]
            let sound = try FetchedPart(uploads).clean(lines)
            uploads[1].object = "\(behaviour)-once"
            let disturbed = try FetchedPart(uploads).clean(lines)
            let audio = try sound.bytes("audio.safetensors")
            #expect(try disturbed.bytes("audio.safetensors") == audio)
            #expect(try disturbed.reader.items().map(\.id) == sound.reader.items().map(\.id))
            // A second failure is one too many.
            uploads[1].object = behaviour
            let lost = try FetchedPart(uploads).clean(lines)
            #expect(try lost.reader.items().map(\.id.text) == ["first.wav", "last.wav"])
            #expect(try lost.rejections() == ["long.wav": "undecodable: the decoder crashes on this recording"])
            let kept = try lost.reader.tensors("audio.safetensors")
            #expect(kept.names.map(\.text) == ["first.wav", "last.wav"])
            let before = try sound.reader.tensors("audio.safetensors")
            for id in ["first.wav", "last.wav"].map({ ItemID($0) }) {
                #expect(kept.tensor(id).map { Array($0.floats) } == before.tensor(id).map { Array($0.floats) })
            }
        }
    }
}
