internal import Durable
public import Fault
internal import Glibc

/// A file that transfers write into. Shared by those who write it; closed when the last of them lets go.
public final class TransferFile: Sendable {
    private let handle: FileHandle

    /// Creates the file, or empties it.
    ///
    /// - Throws: what the kernel says, as ``FileHandle`` does.
    public init(creating path: String) throws(Fault) { handle = try .creating(path) }

    /// Writes all bytes at an offset; any thread may, at offsets of its own.
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

    /// Has the kernel begin to write a range to the disk; a hint.
    public func startWriting(from offset: Int64, count: Int64) {
        handle.startWriting(from: Int(offset), count: Int(count))
    }

    /// Cuts the file to a size.
    public func truncate(to size: Int64) throws(Fault) {
        guard ftruncate(handle.descriptor, off_t(size)) == 0 else { throw .system("cut", handle.path, errno: errno) }
    }
}
