internal import Fault
internal import Glibc
internal import Synchronization
internal import Time

/// The token file, read again when it changes: a removed token loses access without a restart.
final class WatchedTokens: Sendable {
    private struct State {
        var file: TokenFile
        var stamp: Stamp?
        var lookedAt: Double
        /// When a problem with the file was last reported; `nil` while there is none.
        var complainedAt: Double?
    }

    /// Distinguishes states of a file.
    private struct Stamp: Equatable {
        var inode: UInt64
        var bytes: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            bytes = Int(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    private static let secondsBetweenLooks = 1.0
    private static let secondsBetweenComplaints = 60.0

    private let path: String
    private let complain: @Sendable (Fault) -> Void
    private let state: Mutex<State>

    /// Reads the file, and later reports problems with it to `complain`, repeatedly until they are fixed. Unreadable
    /// lines grant no access: a user removed in a hurry must lose access, whatever else the edit did to the file.
    init(path: String, complain: @escaping @Sendable (Fault) -> Void) throws(Fault) {
        self.path = path
        self.complain = complain
        let stamp = Stamp(path)
        let file = try TokenFile(path: path)
        state = Mutex(State(file: file, stamp: stamp, lookedAt: MonotonicClock.now()))
    }

    /// The tokens now in the file, at most a second old.
    var current: TokenFile {
        state.withLock { state in
            let now = MonotonicClock.now()
            guard now - state.lookedAt >= Self.secondsBetweenLooks else { return state.file }
            state.lookedAt = now
            let stamp = Stamp(path)
            let isNew = stamp != state.stamp
            // A file that was wrong is read again even if it looks unchanged: its permissions may have changed.
            guard isNew || state.complainedAt != nil else { return state.file }
            state.stamp = stamp
            let (file, fault) = TokenFile.reading(path)
            state.file = file
            guard let fault else {
                state.complainedAt = nil
                return file
            }
            if let last = state.complainedAt, !isNew, now - last < Self.secondsBetweenComplaints { return file }
            state.complainedAt = now
            complain(fault)
            return file
        }
    }
}
