import Fault
import Glibc

/// A regular file that the header parsers read at any offset, through one buffer.
///
/// The decoder later reads the same open file, so that what is decoded is what was checked.
struct ByteSource: ~Copyable {
    private let descriptor: Int32
    /// Its size in bytes.
    let count: Int

    private let path: String
    private var window: [UInt8] = []
    private var windowStart = 0

    /// Larger than the largest Ogg page (65,307 bytes), so that one read fetches a page.
    private static let windowSize = 128 << 10

    init(path: String) throws(SoundFileError) {
        // O_NONBLOCK: opening a FIFO must not wait for a writer. It is refused below; for a file the flag means
        // nothing.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            let kind: Fault.Kind = code == ENOENT ? .missing : code == EACCES ? .denied : .disk
            throw .failed(Fault(kind, "cannot open \"\(path)\": \(String(cString: strerror(code)))"))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw .failed(Fault(.damaged, "\"\(path)\" is not a regular file"))
        }
        self.descriptor = descriptor
        self.count = Int(status.st_size)
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    /// A second descriptor of the same file, which the caller must close.
    func duplicateDescriptor() throws(SoundFileError) -> Int32 {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            throw .failed(Fault(.retryLater, "cannot open \"\(path)\" again: \(String(cString: strerror(errno)))"))
        }
        return duplicate
    }

    /// `length` bytes at an offset (at most 128 KiB), or fewer at the end of the file.
    mutating func bytes(at offset: Int, _ length: Int) throws(SoundFileError) -> ArraySlice<UInt8> {
        guard offset >= 0, offset < count else { return [] }
        let end = min(offset + length, count)
        if offset < windowStart || end > windowStart + window.count { try fill(from: offset) }
        let first = offset - windowStart
        return window[first..<min(end - windowStart, window.count)]
    }

    /// Reads the bytes at an offset straight into `buffer`; returns how many: fewer than requested at the end of the
    /// file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SoundFileError) -> Int {
        let (read, failure) = Self.read(descriptor, into: buffer, at: offset)
        if failure != 0 { throw unreadable(failure) }
        return read
    }

    private mutating func fill(from offset: Int) throws(SoundFileError) {
        let (file, wanted) = (descriptor, min(Self.windowSize, count - offset))
        var failure: Int32 = 0
        window = Array(unsafeUninitializedCapacity: wanted) { buffer, filled in
            (filled, failure) = Self.read(file, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
        windowStart = offset
        if failure != 0 { throw unreadable(failure) }
    }

    private func unreadable(_ code: Int32) -> SoundFileError {
        .failed(Fault(.disk, "cannot read \"\(path)\": \(String(cString: strerror(code)))"))
    }

    /// The number of bytes read, and the errno that ended reading, or 0.
    private static func read(
        _ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) -> (read: Int, failure: Int32) {
        var filled = 0
        while filled < buffer.count {
            let got = pread(
                file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(offset + filled))
            if got == 0 { break }
            if got > 0 {
                filled += got
            } else if errno != EINTR {
                return (filled, errno)
            }
        }
        return (filled, 0)
    }
}

extension ArraySlice<UInt8> {
    /// The unsigned little-endian number of `width` bytes at `offset` from the slice's start.
    func little(_ offset: Int, _ width: Int) -> Int {
        var value: UInt64 = 0
        for byte in self[startIndex + offset..<startIndex + offset + width].reversed() {
            value = value << 8 | UInt64(byte)
        }
        return Int(clamping: value)
    }

    /// The unsigned big-endian number of `width` bytes at `offset` from the slice's start.
    func big(_ offset: Int, _ width: Int) -> Int {
        var value: UInt64 = 0
        for byte in self[startIndex + offset..<startIndex + offset + width] { value = value << 8 | UInt64(byte) }
        return Int(clamping: value)
    }

    /// Whether the slice has this ASCII text at `offset` from its start.
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= offset + length else { return false }
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: length)
        return self[startIndex + offset..<startIndex + offset + length].elementsEqual(expected)
    }

    /// The slice as text for a message: printable ASCII unchanged, the rest as dots.
    var printable: String {
        String(decoding: map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }
}
