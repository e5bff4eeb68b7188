internal import CSyscalls
public import Fault
internal import Glibc

/// An open file, closed when its owner releases it. Every call that can lose data passes through fault injection first.
public struct FileHandle: ~Copyable, Sendable {
    /// The descriptor, valid as long as the handle.
    public let descriptor: Int32
    /// The path it was opened with, for messages.
    public let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    /// Opens a file for reading.
    public static func reading(_ path: String) throws(Fault) -> FileHandle {
        try open(path, O_RDONLY, doing: "read")
    }

    /// Creates a file, or empties an existing one, for writing (and reading back).
    public static func creating(_ path: String) throws(Fault) -> FileHandle {
        try open(path, O_RDWR | O_CREAT | O_TRUNC, doing: "create")
    }

    /// Opens a file for appending, creating it if needed.
    public static func appending(_ path: String) throws(Fault) -> FileHandle {
        try open(path, O_WRONLY | O_CREAT | O_APPEND, doing: "append to")
    }

    /// Opens a folder, to flush or lock it.
    public static func folder(_ path: String) throws(Fault) -> FileHandle {
        try open(path, O_RDONLY | O_DIRECTORY, doing: "open the folder")
    }

    private static func open(_ path: String, _ flags: Int32, doing: String) throws(Fault) -> FileHandle {
        if flags & O_CREAT != 0, let code = FaultInjection.strike(.open, path) {
            throw .system(doing, path, errno: code)
        }
        // Close-on-exec: a child that inherited a lock's descriptor would keep the lock after this process dies.
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .system(doing, path) }
        return FileHandle(descriptor: descriptor, path: path)
    }

    /// The size in bytes.
    public func size() throws(Fault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", path) }
        return Int(status.st_size)
    }

    /// Whether the file still has a name; what is written to a deleted file is lost.
    public func isLinked() throws(Fault) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", path) }
        return status.st_nlink > 0
    }

    /// Reads up to `buffer.count` bytes; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system("read", path) }
        }
    }

    /// Reads up to `buffer.count` bytes at an offset without moving the current position; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Fault) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system("read", path) }
        }
    }

    /// Writes all bytes at the current position.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
        var rest = bytes
        while !rest.isEmpty {
            if let code = FaultInjection.strike(.write, path) { throw .system("write", path, errno: code) }
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                guard errno == EINTR else { throw .system("write", path) }
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes what it can, for logs: nothing depends on it, so fault injection does not count it.
    ///
    /// - Returns: whether everything was written.
    public func writeAsCourtesy(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
    }

    /// Writes all bytes at an offset without moving the current position.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Fault) {
        var rest = bytes
        var position = offset
        while !rest.isEmpty {
            if let code = FaultInjection.strike(.write, path) { throw .system("write", path, errno: code) }
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0 {
                guard errno == EINTR else { throw .system("write", path) }
                continue
            }
            position += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Moves the current position.
    public func seek(to offset: Int) throws(Fault) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .system("seek in", path) }
    }

    /// Shortens the file to a length, if it is longer.
    public func truncate(to size: Int) throws(Fault) {
        guard try self.size() > size else { return }
        if let code = FaultInjection.strike(.write, path) { throw .system("cut", path, errno: code) }
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .system("cut", path) }
    }

    /// Asks the kernel to start writing a range to disk, so that ``sync()`` has little left to wait for. Only a hint:
    /// where it is unavailable, ``sync()`` does all the work.
    public func startWriting(from offset: Int, count: Int) {
        _ = sync_file_range(descriptor, offset, count, nocturne_sync_file_range_write)
    }

    /// Waits until all written data is on disk.
    public func sync() throws(Fault) {
        if let code = FaultInjection.strike(.fsync, path) { throw .system("flush", path, errno: code) }
        guard fsync(descriptor) == 0 else { throw .system("flush", path) }
    }

    /// Waits until everything written to this file's filesystem is on disk: a single wait for many files.
    public func syncFilesystem() throws(Fault) {
        if let code = FaultInjection.strike(.fsync, path) {
            throw .system("flush the filesystem of", path, errno: code)
        }
        guard syncfs(descriptor) == 0 else { throw .system("flush the filesystem of", path) }
    }
}
