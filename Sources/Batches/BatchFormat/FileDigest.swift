internal import Digests
internal import Durable
internal import Fault

extension Digest {
    /// The digest of a file's content, regardless of its current position.
    ///
    /// The file is read in pieces that fit the processor's cache. A mapping would be no faster, and the whole file
    /// would count as this process's memory.
    init(ofContentOf file: borrowing FileHandle) throws(Fault) {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
        defer { piece.deallocate() }
        var hash = SHA256()
        var offset = 0
        while true {
            let count = try file.read(into: piece, at: offset)
            if count == 0 { break }
            hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            offset += count
        }
        self = hash.finish()
    }
}
