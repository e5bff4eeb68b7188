internal import BatchFormat
internal import Durable
internal import Fault
internal import Glibc
internal import Processes
internal import StageRun
internal import Time

/// The lock on all stages of a batch: one `nightly`, `stream` or `backfill` at a time.
///
/// It is a `flock` on the batch's folder, so that the kernel releases it when its owner dies; child processes do not
/// inherit it. `.locks/night` names the owner for processes that are refused.
struct NightLock: ~Copyable {
    private let lock: FolderLock
    private let presence: PresenceFile?

    private static let ended = "ended"
    /// How long the tools of a night that was killed may take to stop, in seconds: `infer` ends its current batch.
    private static let grace = 30.0

    private init(_ lock: consuming FolderLock, _ presence: PresenceFile?) {
        self.lock = lock
        self.presence = presence
    }

    /// Takes the lock; throws 75, naming the owner, if it is taken.
    ///
    /// - Parameters:
    ///   - command: the command that takes it, such as `nocturne stream`.
    ///   - stages: the batch's stages, on which tools of a killed night may still be working briefly.
    static func take(_ batch: BatchAddress, for command: String, stages: [StageFolder]) throws(Fault) -> NightLock {
        try Folders.makeAll(batch.path)
        let file = batch.nightLockFile
        guard let lock = try FolderLock.trying(folder: batch.path, .exclusive) else {
            throw Fault(
                .retryLater,
                "\(Self.owner(file)) is running the stages of '\(batch.path)'; run this again when it has ended")
        }
        let last = PresenceFile.look(file)?.lines.last
        let presence = PresenceFile(file)
        presence?.say("\(command), process \(getpid()) on \(Machine.name()), since \(WallClock.text(WallClock.now())),")
        if let last, last != Self.ended { try Self.waitForOrphans(stages) }
        return NightLock(lock, presence)
    }

    /// Lets go of the lock: the night has ended, and leaves no tool behind.
    consuming func end() { presence?.say(Self.ended) }

    /// The lock's owner. It may not have published its name yet.
    private static func owner(_ file: String) -> String {
        for _ in 0..<10 {
            if let seen = PresenceFile.look(file), seen.isHeld, let line = seen.lines.first, line != ended {
                return String(line)
            }
            ChildProcess.pause()
        }
        return "another night"
    }

    private static func waitForOrphans(_ stages: [StageFolder]) throws(Fault) {
        let deadline = MonotonicClock.now() + grace
        for stage in stages {
            while stage.isBusy, MonotonicClock.now() < deadline {
                try StopFlag.check()
                ChildProcess.pause()
            }
        }
    }
}

extension StageFolder {
    /// Whether a run is working on the stage now.
    var isBusy: Bool {
        guard Folders.isFolder(path) else { return false }
        do throws(Fault) {
            try lock().release()
            return false
        } catch {
            return error.kind == .retryLater
        }
    }
}
