public import BatchFormat
public import Fault
internal import StageRun
internal import Time

extension StageEnding {
    /// The ending of a run that is over: the one that it left, or, where it left none, the one that its exit code says.
    ///
    /// A process that is killed or crashes cannot write an ending, so the process that waited for it does.
    ///
    /// - Parameters:
    ///   - night: the id that the run was started with: what has another one is an ending of some other run.
    ///   - said: what the run itself said of its end, if the launcher knows: the disk may take no ending.
    ///   - wasAsked: whether the run had been asked to stop.
    public static func left(
        by folder: StageFolder, tool: String, night: String, _ status: ToolExit, said: String? = nil,
        wasAsked: Bool = false
    ) -> StageEnding {
        if let ending = StageEnding(of: folder), ending.night == night, ending.status == status { return ending }
        // The file belongs to the run that holds the stage's lock.
        let isKeptOut = status.kind == .retryLater && folder.isBusy
        let message =
            if isKeptOut {
                "another run of '\(folder.stage)' is at work"
            } else if wasAsked && status == .killed {
                "killed: it did not stop in time after it had been asked to"
            } else {
                said ?? status.meaning
            }
        let ending = StageEnding(
            stage: folder.stage, tool: tool, status: status, message: message, time: WallClock.now(),
            version: status.isSudden ? unsealed(in: folder) : nil, night: night)
        if ending.isBad && status.kind != .retryLater { try? ending.write(of: folder) }
        return ending
    }

    /// The version that a run which died was working on, if it had come to one.
    private static func unsealed(in folder: StageFolder) -> String? {
        guard let newest = (try? folder.versions())?.last, !folder.isSealed(newest) else { return nil }
        return "v\(newest)"
    }
}
