public import Fault
internal import Glibc

/// A file mapped into memory, read-only, as long as the object lives.
///
/// Sealed files never change, so the mapping stands for the file's bytes. The kernel reads pages when they are touched
/// and may drop them at any time, so memory use does not follow the file's size.
public final class MappedFile: Sendable {
    // SAFETY of `nonisolated(unsafe)`: the mapping is PROT_READ and lives exactly as long as this object.
    private nonisolated(unsafe) let start: UnsafeRawPointer?
    /// Size in bytes.
    public let count: Int
    /// The file's path.
    public let path: String

    /// Maps a file.
    public convenience init(_ path: String) throws(Fault) { try self.init(FileHandle.reading(path)) }

    /// Maps an open file.
    public init(_ file: borrowing FileHandle) throws(Fault) {
        count = try file.size()
        path = file.path
        if count == 0 {
            start = nil
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0), address != MAP_FAILED else {
            throw .system("map", path)
        }
        start = UnsafeRawPointer(address)
    }

    deinit {
        if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
    }

    /// The bytes; valid while this object lives.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Releases the pages that lie entirely within a range; they are read again when touched.
    public func release(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
        guard let start, first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }

    /// Tells the kernel that the file will be read once, from the front.
    public func adviseSequential() {
        if let start { madvise(UnsafeMutableRawPointer(mutating: start), count, MADV_SEQUENTIAL) }
    }
}
