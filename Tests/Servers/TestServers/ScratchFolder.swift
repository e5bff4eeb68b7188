internal import Foundation

/// A folder of a test's own, removed with it.
public final class ScratchFolder: Sendable {
    /// Its absolute path, without symbolic links.
    public let path: String

    /// Makes a folder.
    public init() throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let folder = parent.appendingPathComponent("nocturne-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in the folder.
    public subscript(name: String) -> String { "\(path)/\(name)" }
}
