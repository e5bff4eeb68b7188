internal import Durable
public import Fault
internal import Glibc

/// A file that transfers write into. Shared by its writers; closed when the last one releases it.
public final class TransferFile: Sendable {
    private let handle: FileHandle

    /// Creates the file, or empties an existing one.
    ///
    /// - Throws: the kernel's error, like ``FileHandle``.
    public init(creating path: String) throws(Fault) { handle = try .creating(path) }

    /// Writes all bytes at an offset; safe from any thread, at separate offsets.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Fault) {
        try handle.write(bytes, at: Int(offset))
    }

    /// Reads up to `buffer.count` bytes from an offset; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Fault) -> Int {
        while true {
            let count = pread(handle.descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system("read", handle.path, errno: errno) }
        }
    }

    /// Asks the kernel to start writing a range to disk; a hint.
    public func startWriting(from offset: Int64, count: Int64) {
        handle.startWriting(from: Int(offset), count: Int(count))
    }

    /// Shortens the file to a size.
    public func truncate(to size: Int64) throws(Fault) {
        guard ftruncate(handle.descriptor, off_t(size)) == 0 else { throw .system("cut", handle.path, errno: errno) }
    }
}
