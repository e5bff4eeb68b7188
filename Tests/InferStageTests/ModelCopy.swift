import Digests
import Foundation
import TestKit
import TestModels

/// A models folder with a copy of one fixture, which a test may change; removed at the end.
final class ModelCopy {
    private let scratch: ScratchFolder
    var folder: String { scratch.path }
    private let package: String

    init(_ name: String) throws {
        scratch = try ScratchFolder()
        package = scratch["\(name)/1"]
        try FileManager.default.createDirectory(atPath: scratch[name], withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(ModelFixtures.folder)/\(name)/1", toPath: package)
    }

    /// Rewrites a text file.
    func edit(_ file: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: "\(package)/\(file)", encoding: .utf8)
        try change(text).write(toFile: "\(package)/\(file)", atomically: true, encoding: .utf8)
    }

    /// Removes a file.
    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: "\(package)/\(file)") }

    /// Adds a byte to a file.
    func append(to file: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: "\(package)/\(file)"))
        bytes.append(0)
        try bytes.write(to: URL(filePath: "\(package)/\(file)"))
    }

    /// Changes one byte of a file, counted from its end.
    func flip(_ file: String, fromEnd offset: Int) throws {
        var bytes = try Data(contentsOf: URL(filePath: "\(package)/\(file)"))
        bytes[bytes.count - 1 - offset] ^= 0x10
        try bytes.write(to: URL(filePath: "\(package)/\(file)"))
    }

    /// Replaces the model with another file's bytes, and registers them.
    func replaceModel(by other: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: "\(ModelFixtures.folder)/\(other)/1/model.pt"))
        let old = Digest(of: try Data(contentsOf: URL(filePath: "\(package)/model.pt")))
        try bytes.write(to: URL(filePath: "\(package)/model.pt"))
        try edit("model.toml") { $0.replacing(old.hex, with: Digest(of: bytes).hex) }
    }
}
