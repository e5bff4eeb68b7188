public import BatchFormat
internal import Durable
internal import Time

/// Tells the followers of a stage that a run is writing it, which version, and how it ended (`.locks/writer`).
///
/// It is not the stage's own lock: a follower checks by trying to share the lock, and for that instant no writer could
/// take it.
final class WriterMark: Sendable {
    private let file: PresenceFile?

    /// Marks a stage as being written; the version is not chosen yet. The caller holds the stage's lock.
    init(_ folder: StageFolder) {
        file = PresenceFile(folder.lockFile(Self.name))
        file?.say("begun \(WallClock.now())")
    }

    /// Records which version is being written.
    func announce(_ number: Int) { file?.say("v\(number)") }

    /// Records that the run has ended, with `current` and `held` in their final state.
    func end() { file?.say("done \(WallClock.now())") }

    /// What a follower sees.
    enum Sight: Equatable {
        /// No run is writing the stage.
        case nobody
        /// A run has started, and has not chosen a version.
        case choosing
        /// A run is writing this version.
        case writing(Int)
        /// A run has ended.
        case ended
        /// A run has died or failed.
        case died
    }

    /// Checks which run is writing a stage.
    ///
    /// - Parameter since: seconds since 1970; a run that ended earlier is ignored.
    static func look(at folder: StageFolder, since: Double) -> Sight {
        guard let seen = PresenceFile.look(folder.lockFile(name)) else { return .nobody }
        let times = seen.lines.reversed().compactMap { line in line.split(separator: " ").last.flatMap { Double($0) } }
        let isDone = seen.lines.last?.hasPrefix("done ") == true
        // A run that has recorded its end may still be exiting.
        if isDone || !seen.isHeld {
            guard let last = times.first, last >= since else { return .nobody }
            return isDone ? .ended : .died
        }
        return seen.lines.last.flatMap { StageFolder.number(String($0)) }.map(Sight.writing) ?? .choosing
    }

    fileprivate static let name = "writer"
}

extension StageFolder {
    /// Whether a run is writing a version of the stage now. Unlike trying the stage's lock, this disturbs no run.
    public var isBeingWritten: Bool { PresenceFile.look(lockFile(WriterMark.name))?.isHeld == true }
}
