public import BatchFormat
internal import Durable
internal import Time

/// Tells those who follow a stage that a run is writing it, which version, and how it ended (`.locks/writer`).
///
/// It is not the stage's own lock: a follower looks by trying to share the lock, and for that instant no writer could take it.
final class WriterMark: Sendable {
    private let file: PresenceFile?

    /// Marks a stage as being written; the version is not chosen yet. The caller holds the stage's lock.
    init(_ folder: StageFolder) {
        file = PresenceFile(folder.lockFile(Self.name))
        file?.say("begun \(WallClock.now())")
    }

    /// Says which version is being written.
    func announce(_ number: Int) { file?.say("v\(number)") }

    /// Says that the run came to its end, and that `current` and `held` stand as it leaves them.
    func end() { file?.say("done \(WallClock.now())") }

    /// What a follower sees.
    enum Sight: Equatable {
        /// Nobody writes the stage.
        case nobody
        /// A run is at work, and has not chosen a version.
        case choosing
        /// A run is writing this version.
        case writing(Int)
        /// A run has come to its end.
        case ended
        /// A run has died, or failed.
        case died
    }

    /// Looks at who is writing a stage.
    ///
    /// - Parameter since: seconds since 1970; what ended before is nobody.
    static func look(at folder: StageFolder, since: Double) -> Sight {
        guard let seen = PresenceFile.look(folder.lockFile(name)) else { return .nobody }
        let times = seen.lines.reversed().compactMap { line in line.split(separator: " ").last.flatMap { Double($0) } }
        let isDone = seen.lines.last?.hasPrefix("done ") == true
        // Who has said that it is done may still be about to go.
        if isDone || !seen.isHeld {
            guard let last = times.first, last >= since else { return .nobody }
            return isDone ? .ended : .died
        }
        return seen.lines.last.flatMap { StageFolder.number(String($0)) }.map(Sight.writing) ?? .choosing
    }

    fileprivate static let name = "writer"
}

extension StageFolder {
    /// Whether a run is writing a version of the stage at this moment. Unlike trying the stage's lock, looking disturbs nobody.
    public var isBeingWritten: Bool { PresenceFile.look(lockFile(WriterMark.name))?.isHeld == true }
}
