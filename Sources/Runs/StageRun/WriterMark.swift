public import BatchFormat
internal import Durable
internal import Glibc
internal import Processes
internal import Time

/// Tells the followers of a stage that a run is writing it, which version, and how it ended (`.locks/writer`).
///
/// It is not the stage's own lock: a follower checks by trying to share the lock, and for that instant no writer could
/// take it.
final class WriterMark: Sendable {
    private let file: PresenceFile?
    private let run: String

    /// Marks a stage as being written; the version is not chosen yet. The caller holds the stage's lock.
    ///
    /// - Parameter night: the streamed night that the run is part of.
    init(_ folder: StageFolder, night: String?) {
        run = night ?? "\(Machine.name())-\(getpid())-\(WallClock.now())"
        file = PresenceFile(folder.lockFile(Self.name))
        file?.say("begun \(run)")
    }

    /// Records which version is being written.
    func announce(_ number: Int) { file?.say("v\(number) \(run)") }

    /// Records that the run has ended, with `current` and `held` in their final state.
    func end() { file?.say("done \(run)") }

    /// What a follower sees.
    struct Sight: Equatable {
        /// What the run is doing.
        let state: State
        /// Identifies the run: its streamed night, or itself if it is part of none.
        let run: String

        /// Whether the run is no longer at work.
        var isOver: Bool { state == .ended || state == .died }
    }

    /// What a run is doing, or how it ended.
    enum State: Equatable {
        /// It has started, and has not chosen a version.
        case choosing
        /// It is writing this version.
        case writing(Int)
        /// It has ended.
        case ended
        /// It has died or failed.
        case died
    }

    /// Checks which run is writing a stage, or wrote it last; `nil` if there was none.
    static func look(at folder: StageFolder) -> Sight? {
        guard let seen = PresenceFile.look(folder.lockFile(name)),
            let words = seen.lines.last?.split(separator: " ", maxSplits: 1), words.count == 2
        else { return nil }
        let run = String(words[1])
        // A run that has recorded its end may still be exiting.
        if words[0] == "done" { return Sight(state: .ended, run: run) }
        if !seen.isHeld { return Sight(state: .died, run: run) }
        return Sight(state: StageFolder.number(String(words[0])).map(State.writing) ?? .choosing, run: run)
    }

    fileprivate static let name = "writer"
}

extension StageFolder {
    /// Whether a run is writing a version of the stage now. Unlike trying the stage's lock, this disturbs no run.
    public var isBeingWritten: Bool { PresenceFile.look(lockFile(WriterMark.name))?.isHeld == true }

    /// Whether a streamed night's run of the stage has begun: from then on another run can follow it.
    public func hasBegun(inNight night: String) -> Bool { WriterMark.look(at: self)?.run == night }
}
