import Fault
import Foundation
import InferStage
import JSON
import StageRun
import TestKit
import TestModels
import Testing

@Suite struct KnownAnswerTests {
    private func infer(_ models: ModelCopy, _ name: String = "masked") throws {
        let batch = try FeatureBatch([[.random("a", frames: 30)]])
        try batch.infer(FeatureBatch.config("\(name)@1"), models: models.folder)
    }

    @Test func `a model that gives the known answer passes`() throws { try infer(ModelCopy("masked")) }

    @Test func `the committed digits model gives the known answer`() throws {
        let models = Checkout.path("pipelines/models")
        let digits = Clip(id: "a", shape: [50, 80], values: [Float](repeating: 0, count: 4000))
        let batch = try FeatureBatch(
            [[digits]], features: ["kind": "kaldi-fbank", "mel_bins": 80, "normalize": "item"])
        let outcome = try batch.infer(FeatureBatch.config("digits@production"), models: models)
        #expect(try FeatureBatch.results(outcome)["a"]?["label"]?.string != nil)
    }

    @Test func `another model under the same name is refused`() throws {
        let models = try ModelCopy("masked")
        // Registered correctly: only its answers differ.
        try models.replaceModel(by: "tags")
        let fault = #expect(throws: Fault.self) { try infer(models) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message.contains("no longer gives its known answer: number 0 of its output is") == true)
    }

    @Test func `another shape is refused`() throws {
        let models = try ModelCopy("masked")
        try models.replaceModel(by: "values")
        let fault = #expect(throws: Fault.self) { try infer(models) }
        #expect(fault?.message.contains("its output has the shape [2, 2], the known one [2, 3]") == true)
    }

    @Test func `a damaged answer is refused`() throws {
        let models = try ModelCopy("masked")
        // The output is last in the file: its last number gets another exponent.
        try models.flip("check.safetensors", fromEnd: 0)
        let changed = #expect(throws: Fault.self) { try infer(models) }
        #expect(changed?.message.contains("no longer gives its known answer") == true)
        try models.append(to: "check.safetensors")
        let longer = #expect(throws: Fault.self) { try infer(models) }
        #expect(longer?.kind == .damaged)
    }

    @Test func `a model that fails on the known input says so`() throws {
        let models = try ModelCopy("masked")
        try models.replaceModel(by: "waveform")
        let fault = #expect(throws: Fault.self) { try infer(models) }
        #expect(fault?.kind == .configuration)
    }
}
