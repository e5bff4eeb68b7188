public import Fault
internal import Processes

/// Starts stages as processes on this machine.
public struct LocalLauncher: StageLauncher {
    private let tools: String

    /// Starts the tools of an installation.
    public init(_ installation: Installation) { tools = installation.tools }

    /// Starts a stage. Its result line is discarded; its log goes where ours goes.
    public func start(_ launch: StageLaunch) throws(Fault) -> any LaunchedStage {
        LocalStage(process: try ChildProcess(["\(tools)/\(launch.tool)"] + launch.words, isMute: true))
    }
}

/// A stage that is a process of this machine.
private struct LocalStage: LaunchedStage {
    let process: ChildProcess

    func end() -> ToolExit? { process.code().map { ToolExit(code: $0) } }
    func stop() { process.stop() }
}
