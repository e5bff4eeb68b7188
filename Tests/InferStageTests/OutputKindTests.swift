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

    @Test func `every output of a dictionary is on the ledger, by name`() throws {
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("named@1"))
        let said = try FeatureBatch.results(outcome)
        for (id, frames) in [("a", 30), ("b", 12)] {
            let members = try #require(said[id])
            #expect(members.members.map(\.name) == ["model", "values", "shape", "word"])
            // Padding is cut off: one number for each of the item's own frames.
            #expect(members["values"]?.array?.count == frames)
            #expect(members["shape"] == [8])
            #expect(members["word"]?.object?.members.map(\.name) == ["label", "score", "top"])
        }
        #expect(try VersionReader(outcome.path).part(0).tensors("outputs.safetensors").shape(ItemID("b")) == [8])
        #expect(batch.log.events("model_loaded").map { $0.figures["padding"] } == ["proved"])
    }

    @Test func `what is left out of model.toml, or is too much in it, is refused`() throws {
        for (old, new, message) in [
            (
                "[output.frames]\nkind = \"lengths\"\n", "",
                "returns activity, frames, vector, word, but its model.toml declares activity, vector, word"
            ),
            ("[output.frames]", "[output.steps]", "but its model.toml declares activity, steps, vector, word"),
        ] {
            #expect(try refusal(of: "named", old, new).contains(message))
        }
        let undeclared = try refusal(of: "two-outputs", "[output.vector]\nkind = \"embedding\"\n", "")
        #expect(
            undeclared.contains("returns 2 outputs ([1, 3], [1, 8]), but its model.toml declares 1"), "\(undeclared)")
        #expect(undeclared.contains("kind = \"ignored\""))
        let ignored = try edited("two-outputs", "kind = \"embedding\"", "kind = \"ignored\"")
        let said = try results("two-outputs@1", models: ignored.folder)
        #expect(said["a"]?.members.map(\.name) == ["model", "label", "score", "top"])
    }

    @Test func `a named tuple of probabilities is taken as it is`() throws {
        let said = try results("fields@1")
        let members = try #require(said["a"])
        let scores = try #require(members["top"]?.array?.compactMap { $0.array?[1].double })
        #expect(abs(scores.reduce(0, +) - 1) < 1e-5 && scores.count == 3)
        #expect(members.members.map(\.name) == ["model", "label", "score", "top", "speakers"])
        // The same model with a softmax over its softmax is noticed.
        let twice = try refusal(
            of: "fields", "maybe\"]\nactivation = \"none\"\n[output.speakers]", "maybe\"]\n[output.speakers]")
        #expect(twice.contains("seems to apply softmax itself: the output 'word' holds probabilities"), "\(twice)")
        let meant = try edited(
            "fields", "maybe\"]\nactivation = \"none\"\n[output.speakers]",
            "maybe\"]\nactivation = \"softmax\"\n[output.speakers]")
        let flat = try results("fields@1", models: meant.folder)
        #expect(flat["a"]?["score"]?.double ?? 1 < scores[0])
        // And what cannot be a probability is refused item by item.
        let tags = try edited("tags", "kind = \"tags\"", "kind = \"tags\"\nactivation = \"none\"")
        let batch = try FeatureBatch([clips])
        let outcome = try batch.infer(FeatureBatch.config("tags@1"), models: tags.folder)
        let rejects = try VersionReader(outcome.path).part(0).rejects()
        #expect(!rejects.isEmpty && rejects.allSatisfy { $0.message.contains("not a probability") })
    }

    @Test func `a model that says masked and is not is refused with the difference`() throws {
        let message = try refusal(of: "unmasked", "", "")
        #expect(message.contains("says padding = \"masked\", but its output of an item differs by"), "\(message)")
        #expect(message.contains(" % when it is padded from ") && message.contains("padding = \"exact\""), "\(message)")
        let exact = try edited("unmasked", "padding = \"masked\"", "padding = \"exact\"")
        let said = try results("unmasked@1", models: exact.folder)
        #expect(said.count == 2)
    }

    @Test func `the dimension that padding lengthens is proved, not assumed`() throws {
        let said = try results("heads@1")
        #expect(said["b"]?["shape"] == [3, 8], "a matrix whose rows are not steps is never cut")
        let assumed = try refusal(of: "heads", "axis = \"none\"\n", "")
        #expect(assumed.contains("its rows are not steps in time; say axis = \"none\""), "\(assumed)")
        let open = try refusal(of: "named", "axis = 0\n", "")
        #expect(open.contains("gives the output 'activity' of the shape ["), "\(open)")
        #expect(open.contains("say axis = 0 in its model.toml, so that padding is cut off"), "\(open)")
        let wrong = try refusal(of: "named", "axis = 0\n", "axis = \"none\"\n")
        #expect(wrong.contains("say axis = 0"), "\(wrong)")
    }

    /// The results of a model for the clips.
    private func results(_ model: String, models: String? = nil) throws -> [String: JSONObject] {
        let batch = try FeatureBatch([clips])
        return try FeatureBatch.results(batch.infer(FeatureBatch.config(model), models: models ?? ModelFixtures.folder))
    }

    /// A copy of the models in which one manifest is edited.
    private func edited(_ model: String, _ old: String, _ new: String) throws -> ModelCopy {
        let models = try ModelCopy(model)
        try models.edit("model.toml") { text in
            if !old.isEmpty, !text.contains(old) { Issue.record("\(model)'s manifest does not contain \(old)") }
            return old.isEmpty ? text : text.replacing(old, with: new)
        }
        return models
    }

    /// The message with which a package is refused after an edit of its manifest.
    private func refusal(of model: String, _ old: String, _ new: String) throws -> String {
        let models = try edited(model, old, new)
        let batch = try FeatureBatch([clips])
        let fault = #expect(throws: Fault.self) {
            try batch.infer(FeatureBatch.config("\(model)@1"), models: models.folder)
        }
        #expect(fault?.kind == .configuration)
        return fault?.message ?? ""
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
