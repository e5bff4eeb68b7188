import BatchFormat
import Fault
import Foundation
import InferStage
import JSON
import StageRun
import TestModels
import Testing

@Suite struct OutputKindTests {
    private let clips = [Clip.random("a", frames: 30, seed: 1), .random("b", frames: 12, seed: 2)]

    @Test func `an output of tags`() throws {
        let batch = try FeatureBatch([clips])
        let every = try FeatureBatch.results(batch.infer(FeatureBatch.config("tags@1", "tag_threshold = 0")))
        #expect(every["a"]?.members.map(\.name) == ["model", "tags"])
        #expect(every["a"]?["tags"]?.array?.count == 3)
        let none = try FeatureBatch.results(batch.infer(FeatureBatch.config("tags@1", "tag_threshold = 1")))
        #expect(none["a"]?["tags"] == [])
    }

    @Test func `an output of tokens`() throws {
        // The model reads each second frame's largest bin: a, a, blank, a, word boundary, b.
        func frame(_ token: Int) -> [Float] { (0..<4).map { $0 == token ? 1 : 0 } }
        let spoken = [1, 1, 0, 1, 3, 2].flatMap { frame($0) + frame(0) }
        let batch = try FeatureBatch([[.frames("long", spoken), .frames("short", Array(spoken[..<8]))]])
        let said = try FeatureBatch.results(batch.infer(FeatureBatch.config("tokens@1")))
        #expect(said["long"]?.members.map(\.name) == ["model", "text", "score"])
        #expect(said["long"]?["text"] == "aa b")
        // Padding beyond an item's own length is not read.
        #expect(said["short"]?["text"] == "a")
        #expect(said["short"]?["score"] == 0.999864)
    }

    @Test func `an output of values`() throws {
        let batch = try FeatureBatch([clips])
        let said = try FeatureBatch.results(batch.infer(FeatureBatch.config("values@1")))
        #expect(said["a"]?.members.map(\.name) == ["model", "values"])
        let values = try #require(said["a"]?["values"]?.array)
        #expect(values.count == 2)
        #expect(values.allSatisfy { $0.double?.description.count ?? 99 <= 12 })
    }

    @Test func `an output of embeddings`() throws {
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("embedding@1"))
        #expect(try FeatureBatch.results(outcome)["a"] == ["model": "embedding@1", "shape": [5]])
        let file = try VersionReader(outcome.path).part(0).tensors("outputs.safetensors")
        #expect(file.names.map(\.text) == ["a", "b"])
        #expect(file.tensor(ItemID("b"))?.shape == [5])
    }

    @Test func `a second output is kept beside the labels`() throws {
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("two-outputs@1"))
        let said = try FeatureBatch.results(outcome)
        #expect(said["a"]?.members.map(\.name) == ["model", "label", "score", "top", "shape"])
        #expect(try VersionReader(outcome.path).part(0).tensors("outputs.safetensors").shape(ItemID("a")) == [8])
    }

    @Test func `an input of waveforms`() throws {
        let low = Clip(id: "low", shape: [4000], values: (0..<4000).map { Float(sin(Double($0) * 0.02)) })
        let high = Clip(id: "high", shape: [2500], values: (0..<2500).map { Float(sin(Double($0) * 2.9)) })
        let batch = try FeatureBatch([[low, high]], file: "audio.safetensors")
        let outcome = try batch.infer(FeatureBatch.config("waveform@1", input: "clean"))
        let said = try FeatureBatch.results(outcome)
        #expect(said["low"]?["label"] == "low")
        #expect(said["high"]?["label"] == "high")
        // The grid of 32 frames is 5120 samples at 16 kHz.
        #expect(batch.log.events("batch").map { $0.figures["length"] } == [5120])
    }

    @Test func `a model of features does not take audio`() throws {
        let low = Clip(id: "low", shape: [4000], values: [Float](repeating: 0, count: 4000))
        let batch = try FeatureBatch([[low]], file: "audio.safetensors")
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("masked@1", input: "clean"))
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("trained on kaldi-fbank features, the batch has waveform") == true)
    }

    @Test func `labels that do not fit the output are the manifest's fault`() throws {
        let models = try ModelCopy("masked")
        try models.edit("model.toml") { $0.replacing("\"maybe\"]", with: "\"maybe\", \"often\"]") }
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("masked@1"), models: models.folder)
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("labels of the shape [3], but there are 4 labels") == true)
    }
}
