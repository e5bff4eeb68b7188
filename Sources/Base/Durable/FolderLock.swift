public import Fault
internal import Glibc

/// A `flock` on a folder: held while the value lives, released by the kernel when the process dies, however it dies.
public struct FolderLock: ~Copyable, Sendable {
    private let folder: FileHandle

    /// Whether others may hold it too.
    public enum Sharing: Sendable {
        /// Nobody else.
        case exclusive
        /// Others that share.
        case shared
    }

    private init(_ folder: consuming FileHandle) { self.folder = folder }

    // A process that is being started holds copies of our descriptors between its fork and its exec. Closing ours would
    // leave the lock with them for that instant; unlocking takes it from all copies.
    deinit { flock(folder.descriptor, LOCK_UN) }

    /// Takes the lock on a folder at once; `nil` if somebody holds it.
    public static func trying(folder path: String, _ sharing: Sharing) throws(Fault) -> FolderLock? {
        let handle = try FileHandle.folder(path)
        guard try lock(handle, sharing, wait: false) else { return nil }
        return FolderLock(handle)
    }

    /// Takes the lock on a file at once, making the file if it is not there; `nil` if somebody holds it.
    public static func trying(file path: String, _ sharing: Sharing) throws(Fault) -> FolderLock? {
        let handle = try FileHandle.appending(path)
        guard try lock(handle, sharing, wait: false) else { return nil }
        return FolderLock(handle)
    }

    /// Waits for the exclusive lock on a file, making the file if it is not there.
    public static func waiting(forFile path: String) throws(Fault) -> FolderLock {
        let handle = try FileHandle.appending(path)
        _ = try lock(handle, .exclusive, wait: true)
        return FolderLock(handle)
    }

    /// Lets go of the lock; the same as letting the value end, but visible.
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
