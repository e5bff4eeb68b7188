import Fault
import Glibc

/// A regular file that stays open for as long as a source reads it: what is decoded is what was checked.
final class OpenFile {
    private let descriptor: Int32
    private let path: String
    /// Its size in bytes.
    let size: Int

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
        self.path = path
        size = Int(status.st_size)
    }

    deinit { Glibc.close(descriptor) }

    /// Reads the bytes at an offset into `buffer`; returns how many: fewer than requested at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SoundFileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = pread(
                descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(offset + filled))
            if got == 0 { break }
            if got > 0 {
                filled += got
            } else if errno != EINTR {
                throw .failed(Fault(.disk, "cannot read \"\(path)\": \(String(cString: strerror(errno)))"))
            }
        }
        return filled
    }
}
