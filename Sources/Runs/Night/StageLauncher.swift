public import Fault
public import JSON

/// A stage tool and its arguments: everything needed by the machine that runs the stage.
public struct StageLaunch: Sendable, Equatable {
    /// The tool's name: `clean`.
    public let tool: String
    /// Its arguments.
    public let words: [String]
}

/// Starts stages somewhere: on this machine (``LocalLauncher``), or on others that see the same root.
///
/// A launcher knows nothing of nights. It passes words on, says how a run ended, and can stop one; why a stage failed stands
/// in the ending that the stage's tool leaves under the root. So a launcher for a batch system needs a way to submit a job, to
/// ask for its state, and to cancel it with SIGTERM.
public protocol StageLauncher: Sendable {
    /// Starts a stage.
    func start(_ launch: StageLaunch) throws(Fault) -> any LaunchedStage
}

/// A stage started by a launcher.
public protocol LaunchedStage {
    /// How the run ended; `nil` while it is at work, or while that is not known. Not asked again once it has answered.
    func end() -> ToolExit?

    /// The last object that the run has printed on standard output: what it says of its end with `--json`. `nil` where the
    /// launcher cannot know. It is needed where the disk takes no ending.
    var result: JSONObject? { get }

    /// Asks the run to stop, like SIGTERM: it keeps what it has sealed. Further calls have no effect. A run that does not
    /// stop in time is killed by the launcher.
    func stop()
}

extension LaunchedStage {
    /// Not known.
    public var result: JSONObject? { nil }
}

extension LaunchedStage {
    /// How a run that has ended says so itself; otherwise what its exit code means.
    func message(_ status: ToolExit) -> String {
        let result = result
        return (result?["message"] ?? result?["reason"])?.string ?? status.meaning
    }
}
