import Digests
import Foundation
import Models
import TestKit

/// A models folder of a test's own, removed with it.
final class Registry {
    private let scratch: ScratchFolder
    var folder: String { scratch.path }
    var models: ModelRegistry { ModelRegistry(folder: folder) }

    static let sections = """
        [input]
        kind = "features"
        lengths = true
        padding = "masked"
        [input.features]
        kind = "kaldi-fbank"
        sample_rate = 16000
        mel_bins = 40

        [output]
        kind = "labels"
        labels = ["yes", "no"]
        """

    init() throws { scratch = try ScratchFolder() }

    /// Writes a package whose model file contains a few bytes, and returns its folder.
    @discardableResult
    func add(
        _ name: String, _ version: String, sections: String = Registry.sections, file: String = "model.pt",
        content: String = "weights"
    ) throws -> String {
        let package = "\(folder)/\(name)/\(version)"
        try FileManager.default.createDirectory(atPath: package, withIntermediateDirectories: true)
        try write(content, to: "\(package)/\(file)")
        let head = """
            format = 1
            name = "\(name)"
            version = "\(version)"
            file = "\(file)"
            sha256 = "\(Digest(of: content.utf8))"

            """
        try write(head + sections, to: "\(package)/model.toml")
        return package
    }

    func alias(_ name: String, _ alias: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/\(name)/\(alias)", withDestinationPath: target)
    }

    func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
}
