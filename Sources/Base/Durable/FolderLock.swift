public import Fault
internal import Glibc

/// A `flock` on a folder, held as long as the value lives. The kernel releases it when the process dies, however it
/// dies.
public struct FolderLock: ~Copyable, Sendable {
    private let folder: FileHandle

    /// Whether others may hold the lock too.
    public enum Sharing: Sendable {
        /// No.
        case exclusive
        /// Others may share it.
        case shared
    }

    private init(_ folder: consuming FileHandle) { self.folder = folder }

    // A process being started holds copies of our descriptors between its fork and its exec. Closing ours would leave
    // the lock with them for that instant; unlocking releases it from all copies.
    deinit { flock(folder.descriptor, LOCK_UN) }

    /// Locks a folder without waiting; `nil` if the lock is taken.
    public static func trying(folder path: String, _ sharing: Sharing) throws(Fault) -> FolderLock? {
        let handle = try FileHandle.folder(path)
        guard try lock(handle, sharing, wait: false) else { return nil }
        return FolderLock(handle)
    }

    /// Locks a file without waiting, creating the file if needed; `nil` if the lock is taken.
    public static func trying(file path: String, _ sharing: Sharing) throws(Fault) -> FolderLock? {
        let handle = try FileHandle.appending(path)
        guard try lock(handle, sharing, wait: false) else { return nil }
        return FolderLock(handle)
    }

    /// Waits for the exclusive lock on a file, creating the file if needed.
    public static func waiting(forFile path: String) throws(Fault) -> FolderLock {
        let handle = try FileHandle.appending(path)
        _ = try lock(handle, .exclusive, wait: true)
        return FolderLock(handle)
    }

    /// Releases the lock: the same as ending the value's life, but visible in the code.
    public consuming func release() {}

    private static func lock(_ handle: borrowing FileHandle, _ sharing: Sharing, wait: Bool) throws(Fault) -> Bool {
        let operation = (sharing == .shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB)
        while flock(handle.descriptor, operation) != 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK else { throw .system("lock", handle.path, errno: code) }
            return false
        }
        return true
    }
}
