import BatchFormat
import Fault
import Foundation
import InferStage
import JSON
import StageRun
import TestModels
import Testing

@Suite struct InferTests {
    private let clips = [
        Clip.random("b.wav", frames: 30, seed: 1), .random("a/long.wav", frames: 90, seed: 2),
        .random("c.wav", frames: 30, seed: 3), .random("d.wav", frames: 7, seed: 4),
    ]

    @Test func `predictions are on the ledger in the items' order`() throws {
        let batch = try FeatureBatch([Array(clips[..<3]), [clips[3]]])
        let outcome = try batch.infer(FeatureBatch.config("masked@production"))
        #expect(outcome.status == .current)
        #expect(outcome.made == 2)
        let version = try VersionReader(outcome.path)
        let rows = try version.part(0).items()
        #expect(rows.map(\.id.text) == ["b.wav", "a/long.wav", "c.wav"])
        // Earlier members stay, and the stage adds one.
        #expect(rows[0].object.members.map(\.name) == ["id", "clean", "infer"])
        let said = try #require(rows[0].object["infer"]?.object)
        #expect(said.members.map(\.name) == ["model", "label", "score", "top"])
        #expect(said["model"] == "masked@1")
        #expect(said["top"]?.array?.count == 3)
        #expect(!(try version.part(0).has("outputs.safetensors")))
        #expect(version.seal.identity.model["version"] == "1")
    }

    @Test func `the same input gives the same bytes`() throws {
        let seals = try (0..<2).map { _ in
            let batch = try FeatureBatch([clips])
            return try VersionReader(batch.infer(FeatureBatch.config("masked@1")).path).seal
        }
        #expect(seals[0].parts.map(\.digest) == seals[1].parts.map(\.digest))
    }

    @Test func `the batching of items does not show`() throws {
        let batch = try FeatureBatch([clips])
        let many = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1", "frame_grid = 64")))
        let one = try FeatureBatch.results(
            batch.infer(FeatureBatch.config("masked@1", "max_batch_items = 1", "frame_grid = 1")))
        for clip in clips {
            let (a, b) = (many[clip.id]?["score"]?.double, one[clip.id]?["score"]?.double)
            #expect(abs((a ?? 0) - (b ?? 1)) <= 1e-6)
        }
    }

    @Test func `models without lengths see no padding`() throws {
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("exact@1"))
        #expect(try FeatureBatch.results(outcome).count == 4)
        let events = batch.log.events("batch")
        // Two of the four share a length.
        #expect(events.map { $0.figures["items"]?.int } == [1, 2, 1])
        #expect(events.allSatisfy { $0.figures["padding_share"] == 0.0 })
    }

    @Test func `each batch records its figures`() throws {
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("masked@1"))
        let lines = try String(contentsOfFile: "\(outcome.path)/events.jsonl", encoding: .utf8).split(separator: "\n")
        let events = try lines.map { try JSON(parsing: String($0)) }.filter { $0["event"] == "batch" }
        let figures = try #require(events.first)
        #expect(events.count == 1)
        #expect(figures["items"] == 4)
        #expect(figures["length"] == 96)
        // 157 of 4 * 96 frames are audio.
        #expect(figures["padding_share"] == 0.5911)
        #expect(figures["audio_seconds"] == 1.57)
        #expect((figures["seconds"]?.double ?? 0) > 0)
        #expect((figures["real_time_factor"]?.double ?? 0) > 0)
        #expect((figures["resident_memory_bytes"]?.int ?? 0) > 10_000_000)
        #expect(figures["success_rate"] == 1.0)
        #expect(batch.log.events("model_loaded").first?.figures["device"] == "cpu")
    }

    @Test func `how long a batch lasts is read under the name that the clean stage has`() throws {
        let batch = try FeatureBatch([clips], cleanStage: "tidy")
        try batch.infer(FeatureBatch.config("masked@1"))
        let figures = try #require(batch.log.events("batch").first?.figures)
        #expect(figures["audio_seconds"] == 1.57)
        #expect((figures["real_time_factor"]?.double ?? 0) > 0)
    }

    @Test func `a bad item is rejected, and the others go on`() throws {
        let bad = Clip.frames("bad.wav", [Float](repeating: 9999, count: 40))
        let nan = Clip.frames("nan.wav", [Float](repeating: -9999, count: 40))
        let empty = Clip.frames("empty.wav", [])
        let batch = try FeatureBatch([[clips[0], bad, clips[1], nan, empty]])
        let outcome = try batch.infer(FeatureBatch.config("faulty@1"))
        #expect(Set(try FeatureBatch.results(outcome).keys) == ["b.wav", "a/long.wav"])
        let rejects = try FeatureBatch.rejects(outcome)
        #expect(Set(rejects.keys) == ["bad.wav", "nan.wav", "empty.wav"])
        #expect(rejects.values.allSatisfy { $0.reason == "inference_failed" })
        #expect(rejects["bad.wav"]?.message.contains("a recording that this model cannot take") == true)
        #expect(rejects["nan.wav"]?.message == "the model's output is not a number")
        #expect(rejects["empty.wav"]?.message == "the item holds no frames")
        #expect(batch.log.events("batch").first?.figures["success_rate"] == 0.5)
    }

    @Test func `an empty part is made without the model`() throws {
        let batch = try FeatureBatch([[]])
        let outcome = try batch.infer(FeatureBatch.config("masked@1"), library: "/nowhere/libnocturne-torch.so")
        #expect(outcome.status == .current)
        #expect(outcome.seal?.items == 0)
    }

    @Test func `nothing to do is found without libtorch`() throws {
        let batch = try FeatureBatch([clips])
        let first = try batch.infer(FeatureBatch.config("masked@1"))
        // Another name for the same version, and no library: nothing has to be made.
        let again = try batch.infer(FeatureBatch.config("masked@production"), library: "/nowhere/libnocturne-torch.so")
        #expect(again.path == first.path)
        #expect(again.made == 0)
        // Something has to be made, and there is no library.
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("tags@1"), library: "/nowhere/libnocturne-torch.so")
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("make setup") == true)
    }

    @Test(arguments: ["mask@1", "masked@2", "masked"])
    func `wrong models are found without libtorch`(model: String) throws {
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: (any Error).self) {
            try batch.infer(FeatureBatch.config(model), library: "/nowhere/libnocturne-torch.so")
        }
        #expect((fault as? Fault)?.kind == .configuration)
        #expect((fault as? Fault)?.message.contains("make setup") == false)
    }

    @Test func `other features are refused with a message`() throws {
        let batch = try FeatureBatch(
            [clips], features: ["kind": "kaldi-fbank", "mel_bins": 80, "normalize": "item"])
        let fault = #expect(throws: Fault.self) { try batch.infer(FeatureBatch.config("masked@1")) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("trained on 4 mel bins, the batch has 80") == true)
    }

    @Test func `the sample rate is that of clean`() throws {
        let models = try ModelCopy("masked")
        try models.edit("model.toml") { $0.replacing("sample_rate = 16000", with: "sample_rate = 8000") }
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("masked@1"), models: models.folder)
        }
        #expect(fault?.message.contains("a sample rate of 8000 Hz, the batch has 16000") == true)
    }

    @Test func `a damaged model is refused`() throws {
        let models = try ModelCopy("masked")
        try models.append(to: "model.pt")
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("masked@1"), models: models.folder)
        }
        #expect(fault?.kind == .damaged)
    }

    @Test func `a device that is not there is refused`() throws {
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("masked@1", "device = \"cuda:77\""))
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("infer.device = \"cuda:77\"") == true)
    }

    @Test func `bfloat16 is near float32`() throws {
        let batch = try FeatureBatch([clips])
        let full = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1")))
        let half = try FeatureBatch.results(
            batch.infer(FeatureBatch.config("masked@1", "precision = \"bfloat16\"")))
        #expect(half != full)
        for clip in clips {
            #expect(abs((half[clip.id]?["score"]?.double ?? 0) - (full[clip.id]?["score"]?.double ?? 1)) < 0.01)
        }
    }
}
