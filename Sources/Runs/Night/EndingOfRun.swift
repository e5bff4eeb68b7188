public import BatchFormat
public import Fault
internal import StageRun
internal import Time

extension StageEnding {
    /// The ending of a run that is over: the one that it left, or, where it left none, the one that its exit code says.
    ///
    /// A process that is killed or crashes cannot write an ending, so the process that waited for it does.
    ///
    /// - Parameter night: the id that the run was started with: what has another one is an ending of some other run.
    public static func left(by folder: StageFolder, tool: String, night: String, _ status: ToolExit) -> StageEnding {
        if let ending = StageEnding(of: folder), ending.night == night, ending.status == status { return ending }
        // The file belongs to the run that holds the stage's lock.
        let isKeptOut = status.kind == .retryLater && folder.isBusy
        let ending = StageEnding(
            stage: folder.stage, tool: tool, status: status,
            message: isKeptOut ? "another run of '\(folder.stage)' is at work" : status.meaning, time: WallClock.now(),
            night: night)
        if ending.isBad && status.kind != .retryLater { try? ending.write(of: folder) }
        return ending
    }
}
