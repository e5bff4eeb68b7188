import Fault
import Foundation
import JSON
import Models
import TestModels
import Testing

@Suite struct ModelManifestTests {
    @Test func `every key is read`() throws {
        let package = try ModelPackage("tokens@1", in: ModelRegistry(folder: ModelFixtures.folder))
        let manifest = package.manifest
        #expect(manifest.name == "tokens")
        #expect(manifest.version == "1")
        #expect(manifest.file == "model.pt")
        #expect(manifest.input.kind == .features)
        #expect(manifest.input.lengths)
        #expect(manifest.input.padding == .masked)
        #expect(manifest.input.features["mel_bins"] == 4)
        #expect(manifest.outputs[0].kind == .tokens)
        #expect(manifest.outputs[0].labels == ["", "a", "b", "|"])
        #expect(manifest.outputs[0].blank == 0)
        #expect(package.checkPath?.hasSuffix("/tokens/1/check.safetensors") == true)
        #expect(!package.isCompiled)
    }

    @Test func `every fixture is a proper package`() throws {
        let registry = ModelRegistry(folder: ModelFixtures.folder)
        let names = try registry.models().filter { try !registry.entries(of: $0).isEmpty }
        #expect(names.count == 15)
        for name in names { try ModelPackage("\(name)@1", in: registry).verifyModelFile() }
    }

    @Test func `without lengths padding is exact`() throws {
        let registry = try Registry()
        try registry.add(
            "plain", "1", sections: "[input]\nkind = \"waveform\"\n[output]\nkind = \"embedding\"\n")
        let input = try ModelPackage("plain@1", in: registry.models).manifest.input
        #expect(input.kind == .waveform)
        #expect(!input.lengths)
        #expect(input.padding == .exact)
        #expect(input.features.isEmpty)
    }

    @Test func `labels may come from a file`() throws {
        let registry = try Registry()
        let sections = "[input]\nkind = \"waveform\"\n[output]\nkind = \"tokens\"\nlabels_file = \"labels.txt\"\n"
        let folder = try registry.add("plain", "1", sections: sections)
        let missing = #expect(throws: Fault.self) { _ = try ModelPackage("plain@1", in: registry.models) }
        #expect(missing?.message.contains("output.labels_file names 'labels.txt'") == true)
        // The first label, the blank, is empty.
        try registry.write("\na\nb\n", to: "\(folder)/labels.txt")
        #expect(try ModelPackage("plain@1", in: registry.models).manifest.outputs[0].labels == ["", "a", "b"])
    }

    @Test(arguments: [
        (
            "lengths = true", "lenghts = true",
            "toml:8: input.lenghts is not a key of model.toml; did you mean 'lengths'?"
        ),
        ("padding = \"masked\"", "padding = \"mask\"", "toml:9: input.padding must be one of masked, exact, not"),
        ("padding = \"masked\"", "padding = 3", "model.toml:9: input.padding must be a string, not 3"),
        ("lengths = true", "lengths = 1", "model.toml:8: input.lengths must be true or false, not 1"),
        ("kind = \"labels\"", "kind = \"lables\"", "did you mean \"labels\"?"),
        ("labels = [\"yes\", \"no\"]", "", "output.labels is missing"),
        ("labels = [\"yes\", \"no\"]", "labels = [\"yes\", 1]", "output.labels must be a list of strings"),
        ("labels = [\"yes\", \"no\"]", "labels = [\"yes\"]\nblank = 0", "output.blank does not apply to kind"),
        ("kind = \"labels\"", "kind = \"tokens\"\nblank = 2", "output.blank is 2, but the labels are 0 to 1"),
        ("kind = \"labels\"", "kind = \"values\"", "output.labels does not apply to kind"),
        ("mel_bins = 40", "mel_bins = [40]", "model.toml:13: input.features.mel_bins must be a string, a number"),
        ("format = 1", "format = 2", "model.toml:1: format is 2; this version reads model packages of format 1"),
        ("format = 1", "", "format is missing"),
        ("file = \"model.pt\"", "file = \"../model.pt\"", "file must name a file beside model.toml"),
        ("file = \"model.pt\"", "file = \"model.pkl\"", "file must be a TorchScript file"),
        ("sha256 = \"", "sha256 = \"A", "sha256 must be 64 lower-case hex digits"),
        ("[output]", "[output", "model.toml:15:"),
        (
            "labels = [\"yes\", \"no\"]", "label = [\"yes\"]",
            "'label' is not a key of model.toml: did you mean 'labels'?"
        ),
        ("kind = \"labels\"", "kind = \"labels\"\nactivation = \"relu\"", "output.activation must be one of softmax,"),
        ("kind = \"labels\"", "kind = \"labels\"\naxis = 0", "output.axis does not apply to kind = \"labels\""),
        ("[output]", "[output.score]", "output.score is not the name of an output"),
    ])
    func `an error is named with its line`(old: String, new: String, message: String) throws {
        let registry = try Registry()
        let path = "\(try registry.add("digits", "3"))/model.toml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        let at = try #require(text.range(of: old))
        try registry.write(text.replacingCharacters(in: at, with: new), to: path)
        let fault = #expect(throws: Fault.self) { _ = try ModelPackage("digits@3", in: registry.models) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
    }

    private func outputs(_ text: String) throws -> [ModelOutput] {
        let registry = try Registry()
        try registry.add("plain", "1", sections: "\(text)\n[input]\nkind = \"waveform\"\n")
        return try ModelPackage("plain@1", in: registry.models).manifest.outputs
    }

    @Test func `several outputs stand in the order of the file`() throws {
        let found = try outputs(
            """
            [output.word]
            kind = "labels"
            labels = ["yes", "no"]
            activation = "none"
            [output.frames]
            kind = "lengths"
            [output.activity]
            kind = "values"
            axis = 0
            activation = "sigmoid"
            [output.noise]
            kind = "ignored"
            [output.embedding]
            kind = "embedding"
            axis = "none"
            """)
        #expect(found.map(\.name) == ["word", "frames", "activity", "noise", "embedding"])
        #expect(found.map(\.kind) == [.labels, .lengths, .values, .ignored, .embedding])
        #expect(found.map(\.activation) == [.none, .none, .sigmoid, .none, .none])
        #expect(found.map(\.axis) == [.usual, .usual, .dimension(0), .usual, .none])
        #expect(found.map(\.isResult) == [true, false, true, false, true])
    }

    @Test(arguments: [
        ("[output.a]\nkind = \"lengths\"\n[output.b]\nkind = \"ignored\"", "no output has a result"),
        ("[output]\nkind = \"ignored\"", "output.kind is \"ignored\", so the model has no result"),
        ("[output.a]\nkind = \"embedding\"\n[output.b]\nkind = \"embedding\"", "output.b is a second embedding"),
        (
            "[output.a]\nkind = \"values\"\n[output.b]\nkind = \"lengths\"\n[output.c]\nkind = \"lengths\"",
            "output.c gives lengths again"
        ),
        ("[output]\na = {kind = \"values\"}\nb = {kind = \"values\"}", ""),
        ("output = {a = {kind = \"values\"}, b = {kind = \"lengths\"}}", "in the same line"),
        ("[output]\nkind = \"values\"\naxis = -1", "output.axis must be from 0 to 7"),
        ("[output]\nkind = \"values\"\naxis = \"time\"", "output.axis must be \"none\" or the number of a dimension"),
        ("[output]\nkind = \"embedding\"\nactivation = \"softmax\"", "output.activation does not apply"),
    ])
    func `outputs that do not fit together are refused`(_ text: String, _ message: String) throws {
        if message.isEmpty {
            #expect(try outputs(text).map(\.name) == ["a", "b"])
        } else {
            let fault = #expect(throws: Fault.self) { try outputs(text) }
            #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
        }
    }
}
