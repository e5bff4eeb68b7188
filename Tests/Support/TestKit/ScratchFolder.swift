internal import Foundation

/// A folder that belongs to one test and is removed with the value.
///
/// `NOCTURNE_KEEP_SCRATCH` keeps all of them, so that one can look at what a failed test left.
public final class ScratchFolder: Sendable {
    /// Its absolute path, without symbolic links.
    public let path: String

    /// Makes an empty folder.
    public init() throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let folder = parent.appendingPathComponent("nocturne-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        if ProcessInfo.processInfo.environment["NOCTURNE_KEEP_SCRATCH"] == nil {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// The path of a name in the folder.
    public subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, its folder included.
    ///
    /// - Returns: the file's path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = URL(fileURLWithPath: self[name])
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    /// Writes a text file, its folder included.
    ///
    /// - Returns: the file's path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
