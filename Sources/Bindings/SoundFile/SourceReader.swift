import Glibc

/// A position in a source, for a decoder written in C that reads and seeks through callbacks.
final class SourceReader {
    /// The source.
    let source: ByteSource
    /// Where the next read starts.
    private(set) var position = 0
    /// Why reading failed, which the decoder only sees as an early end.
    private(set) var failure: SoundFileError?

    init(_ source: ByteSource) { self.source = source }

    /// Itself as a callback receives it.
    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The reader behind a callback's pointer.
    static func at(_ pointer: UnsafeMutableRawPointer?) -> SourceReader? {
        pointer.map { Unmanaged<SourceReader>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Reads the next bytes; returns how many.
    func read(_ room: UnsafeMutableRawPointer?, _ size: Int) -> Int {
        guard let room, size > 0, failure == nil else { return 0 }
        do throws(SoundFileError) {
            let got = try source.read(into: UnsafeMutableRawBufferPointer(start: room, count: size), at: position)
            position += got
            return got
        } catch {
            failure = error
            return 0
        }
    }

    /// Moves; returns the new position, or −1.
    func seek(_ offset: Int, _ whence: Int32) -> Int {
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : source.count
        guard (0...source.count).contains(base + offset) else { return -1 }
        position = base + offset
        return position
    }
}
