internal import Durable
package import Fault
internal import Glibc

/// Whether there is room for SQLite to work in.
///
/// Its index of the write-ahead log is a memory map. Where the disk cannot give a mapped page when it is touched (file systems
/// with blocks smaller than a page), the kernel kills the process with SIGBUS, and no code can report it.
package enum SQLiteRoom {
    /// What the index and the first pages of the log need, with room to spare.
    package static let least = 1 << 20

    /// Refuses a disk that is nearly full.
    ///
    /// - Parameter free: the bytes that are free in a folder; `nil` if that is not known.
    package static func check(_ path: String, free: (String) -> Int? = freeBytes) throws(Fault) {
        let parent = Folders.parent(of: path)
        let folder = parent.isEmpty ? "." : parent
        guard let bytes = free(folder), bytes < least else { return }
        throw Fault(
            .disk,
            "the disk is nearly full: \(bytes) bytes are free in '\(folder)', and SQLite needs \(least) for the log of '\(path)'"
        )
    }

    /// The bytes that this user may still write to the file system of a folder.
    package static func freeBytes(_ folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        let (bytes, overflow) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }
}
