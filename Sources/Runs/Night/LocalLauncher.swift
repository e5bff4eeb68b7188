public import Fault
internal import JSON
internal import Processes
internal import Time

/// Starts stages as processes on this machine.
public struct LocalLauncher: StageLauncher {
    private let tools: String
    private let grace: Double

    /// How long a tool may take to stop, in seconds: it finishes the item or the batch that it is working on.
    public static let grace = 120.0

    /// Starts the tools of an installation.
    ///
    /// - Parameter grace: how long a tool may take to stop before it is killed, in seconds: a tool that hangs must not keep
    ///   a night from ending.
    public init(_ installation: Installation, grace: Double = Self.grace) {
        self.init(tools: installation.tools, grace: grace)
    }

    package init(tools: String, grace: Double) {
        self.tools = tools
        self.grace = grace
    }

    /// Starts a stage. Its result line is kept in memory; its log goes where ours goes.
    public func start(_ launch: StageLaunch) throws(Fault) -> any LaunchedStage {
        LocalStage(try ChildProcess(["\(tools)/\(launch.tool)"] + launch.words, keepingOutput: true), grace: grace)
    }
}

/// A stage that is a process of this machine.
private final class LocalStage: LaunchedStage {
    private let process: ChildProcess
    private let grace: Double
    private var stopped: Double?
    private var isKilled = false

    init(_ process: ChildProcess, grace: Double) {
        self.process = process
        self.grace = grace
    }

    func end() -> ToolExit? {
        if let code = process.code() { return ToolExit(code: code) }
        if let stopped, !isKilled, MonotonicClock.now() - stopped >= grace {
            process.kill()
            isKilled = true
        }
        return nil
    }

    var result: JSONObject? {
        process.output.split(separator: "\n").last.flatMap { try? JSON(parsing: String($0)).object }
    }

    func stop() {
        if stopped == nil { stopped = MonotonicClock.now() }
        process.stop()
    }
}
