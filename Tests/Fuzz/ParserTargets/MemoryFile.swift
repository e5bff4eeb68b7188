internal import Glibc

/// Bytes behind a path, for parsers that read files: in memory, so that a fuzzer does not wait for a disk.
struct MemoryFile: ~Copyable {
    private let descriptor: Int32
    /// A path that leads to the bytes while this value lives.
    let path: String

    init(_ bytes: [UInt8]) {
        var template = Array("/dev/shm/nocturne-fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
        path = "/proc/self/fd/\(descriptor)"
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        precondition(descriptor >= 0 && written == bytes.count, "no memory for a file")
    }

    deinit { close(descriptor) }
}
