internal import Glibc

/// A file in which a process says what it is doing, for as long as it lives: the file is locked, and the kernel lets go of
/// the lock when the owner dies, however it dies.
///
/// It is a courtesy to those who look, as a log is. Nothing on the disk depends on it, so it is not flushed, it is no file
/// operation that tests make fail, and where it cannot be written there is none.
public final class PresenceFile: Sendable {
    private let descriptor: Int32

    /// Begins to be present, in place of whoever was there before. The caller sees to it that there is one owner at a time.
    public init?(_ path: String) {
        let folder = Folders.parent(of: path)
        mkdir(folder, 0o777)
        // It is locked before it gets its name: nobody ever sees it without its owner, or with the words of the last one.
        let temporary = "\(folder)/.tmp-\(Folders.name(of: path))"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(temporary, path) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Adds a line.
    public func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// What is said in a file, and whether its owner lives; `nil` if there is none.
    ///
    /// - Returns: the last lines, of at least 1000 bytes.
    public static func look(_ path: String) -> (isHeld: Bool, lines: [Substring])? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Asked before it is read: what an owner said before it went is then read too.
        let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, max(0, status.st_size - off_t(bytes.count)))
        guard count >= 0 else { return nil }
        // A line that is being written has no end yet.
        let whole = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
        return (isHeld, String(decoding: whole, as: UTF8.self).split(separator: "\n"))
    }
}
