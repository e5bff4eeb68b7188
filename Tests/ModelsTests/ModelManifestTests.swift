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
        #expect(manifest.output.kind == .tokens)
        #expect(manifest.output.labels == ["", "a", "b", "|"])
        #expect(manifest.output.blank == 0)
        #expect(package.checkPath?.hasSuffix("/tokens/1/check.safetensors") == true)
        #expect(!package.isCompiled)
    }

    @Test func `every fixture is a proper package`() throws {
        let registry = ModelRegistry(folder: ModelFixtures.folder)
        let names = try registry.models().filter { try !registry.entries(of: $0).isEmpty }
        #expect(names.count == 11)
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
        #expect(try ModelPackage("plain@1", in: registry.models).manifest.output.labels == ["", "a", "b"])
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
}
