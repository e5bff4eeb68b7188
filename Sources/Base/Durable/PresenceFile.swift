internal import Glibc

/// A file in which a process says what it is doing. The process holds a lock on it, which the kernel releases when the
/// process dies, however it dies.
///
/// Advisory only, like a log: nothing on disk depends on it, so it is not flushed, fault injection does not count it,
/// and if it cannot be written, there is none.
public final class PresenceFile: Sendable {
    private let descriptor: Int32

    /// Publishes the file, replacing that of any previous owner. The caller ensures that there is one owner at a time.
    public init?(_ path: String) {
        let folder = Folders.parent(of: path)
        mkdir(folder, 0o777)
        // Locked before it gets its name, so that it is never seen without its owner, or with the previous owner's
        // lines.
        let temporary = "\(folder)/.tmp-\(Folders.name(of: path))"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(temporary, path) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Appends a line.
    public func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The lines of a file and whether its owner is alive; `nil` if there is no file.
    ///
    /// - Returns: the last lines, of at least 1000 bytes.
    public static func look(_ path: String) -> (isHeld: Bool, lines: [Substring])? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Checked before reading, so that the last lines of an owner that ends in between are read too.
        let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, max(0, status.st_size - off_t(bytes.count)))
        guard count >= 0 else { return nil }
        // A line still being written has no newline yet.
        let whole = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
        return (isHeld, String(decoding: whole, as: UTF8.self).split(separator: "\n"))
    }
}
