internal import CSyscalls
internal import Glibc

/// A program's standard output, kept in memory: a disk that is full takes nothing.
final class KeptOutput: Sendable {
    /// Where the program writes.
    let descriptor: Int32

    /// How much of the end is read.
    private static let most = 1 << 16

    /// Makes an empty file in memory; where the kernel has none, what is written is discarded.
    init() {
        let memory = memfd_create("nocturne-output", nocturne_memfd_cloexec)
        descriptor = memory >= 0 ? memory : open("/dev/null", O_RDWR | O_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// The end of what was written, from the beginning of a line.
    var text: String {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return "" }
        let start = max(0, Int(status.st_size) - Self.most)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) - start)
        let count = pread(descriptor, &bytes, bytes.count, off_t(start))
        guard count > 0 else { return "" }
        let whole = bytes[..<count]
        guard start > 0 else { return String(decoding: whole, as: UTF8.self) }
        let line = whole.firstIndex(of: UInt8(ascii: "\n")).map { whole[($0 + 1)...] } ?? []
        return String(decoding: line, as: UTF8.self)
    }
}
