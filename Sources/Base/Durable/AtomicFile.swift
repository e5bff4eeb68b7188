public import Fault
internal import Glibc

/// Reads whole files, and publishes them atomically.
public enum AtomicFile {
    /// Publishes a small file: writes it under a temporary name, flushes it, renames it and flushes the folder. A
    /// reader sees either the old content or the new, and what it saw survives a power cut.
    public static func write(_ bytes: [UInt8], to path: String) throws(Fault) {
        let folder = Folders.parent(of: path)
        let temporary = "\(folder)/.tmp-\(Folders.name(of: path))"
        try writeUnpublished(bytes, to: temporary)
        try Folders.rename(temporary, to: path)
        try Folders.sync(folder)
    }

    /// Writes and flushes a file in a folder that is itself still under a temporary name.
    public static func writeUnpublished(_ bytes: [UInt8], to path: String) throws(Fault) {
        let file = try FileHandle.creating(path)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
        try file.sync()
    }

    /// The content of a file.
    public static func read(_ path: String, atMost limit: Int = 1 << 30) throws(Fault) -> [UInt8] {
        let file = try FileHandle.reading(path)
        let size = try file.size()
        guard size <= limit else { throw Fault(.damaged, "'\(path)' is \(size) bytes long, more than \(limit)") }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let from = filled
            let count = try bytes.withUnsafeMutableBytesTyped { (raw) throws(Fault) in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[from...]))
            }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(size - filled)
        return bytes
    }
}

extension Array {
    /// `withUnsafeBytes` that preserves the error's type.
    @inlinable
    public func withUnsafeBytesTyped<R>(_ body: (UnsafeRawBufferPointer) throws(Fault) -> R) throws(Fault) -> R {
        let result: Result<R, Fault> = withUnsafeBytes { raw in
            do throws(Fault) { return .success(try body(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `withUnsafeMutableBytes` that preserves the error's type.
    @inlinable
    public mutating func withUnsafeMutableBytesTyped<R>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Fault) -> R
    ) throws(Fault) -> R {
        let result: Result<R, Fault> = withUnsafeMutableBytes { raw in
            do throws(Fault) { return .success(try body(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
