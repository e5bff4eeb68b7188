import BatchFormat
import Durable
import Fault
import Night
import Synchronization

/// Stages that end as a script says, and are noticed in the order that it names.
final class ScriptedLauncher: StageLauncher {
    /// How a stage ends.
    struct End {
        var code: Int32 = 0
        /// The stage that the ending blames.
        var because: String?
        /// Whether the tool lives to write its ending.
        var isWritten = true
        /// The version that the ending says `current` is pinned to.
        var pinned: String?
        /// The words of the ending; `nil` for its code.
        var message: String?
    }

    private struct State {
        var started: [String] = []
        var stopped: Set<String> = []
        var reported: Set<String> = []
    }

    private let root: String
    private let script: [String: End]
    private let order: [String]
    private let marksStart: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - order: the stages in the order in which their ends are noticed.
    ///   - marksStart: whether stages can mark that they have begun.
    init(root: String, _ script: [String: End], noticed order: [String], marksStart: Bool = true) {
        self.marksStart = marksStart
        self.root = root
        self.script = script
        self.order = order
    }

    /// The stages that were started, in that order, without what records the runs.
    var started: [String] { state.withLock { $0.started } }
    /// The stages that were asked to stop.
    var stopped: Set<String> { state.withLock { $0.stopped } }

    func start(_ launch: StageLaunch) throws(Fault) -> any LaunchedStage {
        let stage = launch.value(of: "--stage") ?? ""
        if launch.words.contains("--runs-only") { return Recording() }
        state.withLock { $0.started.append(stage) }
        // As a tool does that has taken its stage's lock.
        if marksStart, let folder = launch.folder(in: root), let night = launch.value(of: "--night") {
            try Folders.makeAll(folder.path)
            PresenceFile(folder.lockFile("writer"))?.say("begun \(night)")
        }
        return Run(launcher: self, launch: launch, stage: stage)
    }

    /// Whether it is a stage's turn to be noticed: those before it in the order were noticed, or are not at work.
    private func isDue(_ stage: String) -> Bool {
        state.withLock { state in
            order.prefix { $0 != stage }.allSatisfy { !state.started.contains($0) || state.reported.contains($0) }
        }
    }

    private struct Recording: LaunchedStage {
        func end() -> ToolExit? { .done }
        func stop() {}
    }

    private struct Run: LaunchedStage {
        let launcher: ScriptedLauncher
        let launch: StageLaunch
        let stage: String

        func end() -> ToolExit? {
            let isStopped = launcher.state.withLock { $0.stopped.contains(stage) }
            guard isStopped || launcher.isDue(stage), let script = launcher.script[stage] else { return nil }
            launcher.state.withLock { _ = $0.reported.insert(stage) }
            let end = isStopped ? End(code: Fault.Kind.terminated.exitCode) : script
            let status = ToolExit(code: end.code)
            if end.isWritten, let folder = launch.folder(in: launcher.root) {
                let ending = StageEnding(
                    stage: stage, tool: launch.tool, status: status,
                    message: end.message ?? "\(stage) says \(end.code)", time: 0,
                    because: end.because, night: launch.value(of: "--night"), pinned: end.pinned)
                try? ending.write(of: folder)
            }
            return status
        }

        func stop() { launcher.state.withLock { if !$0.reported.contains(stage) { $0.stopped.insert(stage) } } }
    }
}

extension StageLaunch {
    fileprivate func value(of option: String) -> String? {
        words.firstIndex(of: option).map { words[$0 + 1] }
    }

    fileprivate func folder(in root: String) -> StageFolder? {
        try? BatchAddress(root: root, pipeline: words[0], batch: words[1]).stage(value(of: "--stage") ?? "")
    }
}
