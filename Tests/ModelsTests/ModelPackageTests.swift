import Digests
import Fault
import Foundation
import JSON
import Models
import Testing

@Suite struct ModelPackageTests {
    @Test func `the digest is the one that the documentation defines`() throws {
        let registry = try Registry()
        let folder = try registry.add("digits", "3")
        let toml = Digest(of: try Data(contentsOf: URL(filePath: "\(folder)/model.toml")))
        let model = Digest(of: "weights".utf8)
        let expected = Digest(of: #"{"model.pt":"\#(model)","model.toml":"\#(toml)"}"#.utf8)
        #expect(try ModelPackage("digits@3", in: registry.models).digest == expected)
    }

    @Test func `every file changes the digest`() throws {
        let registry = try Registry()
        let folder = try registry.add("digits", "3")
        let first = try ModelPackage("digits@3", in: registry.models)
        try registry.write("a known answer", to: "\(folder)/check.safetensors")
        let checked = try ModelPackage("digits@3", in: registry.models)
        #expect(checked.digest != first.digest)
        try registry.write("another known answer", to: "\(folder)/check.safetensors")
        #expect(try ModelPackage("digits@3", in: registry.models).digest != checked.digest)
        try registry.add("digits", "3", content: "other weights")
        #expect(try ModelPackage("digits@3", in: registry.models).digest != first.digest)
    }

    @Test func `a changed model file is damage`() throws {
        let registry = try Registry()
        let folder = try registry.add("digits", "3")
        let package = try ModelPackage("digits@3", in: registry.models)
        try package.verifyModelFile()
        try registry.write("weightz", to: "\(folder)/model.pt")
        let changed = #expect(throws: Fault.self) { try package.verifyModelFile() }
        #expect(changed?.kind == .damaged)
        #expect(changed?.message.contains("/digits/3/model.pt") == true)
        try FileManager.default.removeItem(atPath: "\(folder)/model.pt")
        let gone = #expect(throws: Fault.self) { try package.verifyModelFile() }
        #expect(gone?.kind == .damaged)
    }

    @Test func `the record names model, version and digest`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        let package = try ModelPackage("digits@3", in: registry.models)
        #expect(
            package.record.text(.canonical)
                == #"{"digest":"\#(package.digest)","name":"digits","version":"3"}"#)
    }

    @Test func `features that agree pass`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        let package = try ModelPackage("digits@3", in: registry.models)
        try package.checkFeatures(
            ["kind": "kaldi-fbank", "mel_bins": 40, "sample_rate": 16000.0, "normalize": "item", "low_freq": 20])
    }

    @Test func `features that differ are reported`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        let package = try ModelPackage("digits@3", in: registry.models)
        let bins = #expect(throws: Fault.self) {
            try package.checkFeatures(["kind": "kaldi-fbank", "mel_bins": 80, "sample_rate": 16000])
        }
        #expect(bins?.kind == .configuration)
        #expect(bins?.message.contains("trained on 40 mel bins, the batch has 80") == true)
        let more = #expect(throws: Fault.self) {
            try package.checkFeatures(["kind": "whisper-mel", "mel_bins": 40, "sample_rate": 8000])
        }
        #expect(more?.message.contains("trained on kaldi-fbank features, the batch has whisper-mel") == true)
        #expect(more?.message.contains("trained on a sample rate of 16000 Hz, the batch has 8000") == true)
    }

    @Test func `a feature that the batch does not know is a mistake in the manifest`() throws {
        let registry = try Registry()
        try registry.add(
            "digits", "3", sections: Registry.sections.replacing("mel_bins = 40", with: "mel_bin = 40"))
        let package = try ModelPackage("digits@3", in: registry.models)
        let fault = #expect(throws: Fault.self) {
            try package.checkFeatures(["kind": "kaldi-fbank", "mel_bins": 40, "sample_rate": 16000])
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("input.features.mel_bin") == true)
        #expect(fault?.message.contains("did you mean mel_bins?") == true)
    }
}
