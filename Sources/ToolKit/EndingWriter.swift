internal import BatchFormat
internal import Durable
internal import Fault
internal import PipelineConfig
internal import StageRun
internal import Time

/// Writes the ending of a stage tool's run, as soon as the run's stage and batch are known.
///
/// A trial (`--input`, `--parts`, `--shard`, `--dry-run`) writes none: the file describes the last run that could move
/// `current`. Neither does a run that never began, because of wrong usage, an earlier stop, or another run's lock. If
/// an ending cannot be written, the run's exit code says the same.
struct EndingWriter {
    private let folder: StageFolder
    private let tool: String
    private let night: String?

    /// For a run whose configuration may still turn out to be wrong; `nil` if the arguments alone do not determine its
    /// place.
    init?(_ options: StageOptions, tool: StageTool, configuration: String) {
        guard !options.isTrial, let batch = options.batch, Folders.exists(configuration),
            let address = try? BatchAddress(
                root: options.root ?? Environment.root, pipeline: options.pipeline, batch: batch),
            let folder = try? address.stage(options.stage ?? tool.rawValue)
        else { return nil }
        self.folder = folder
        self.tool = tool.rawValue
        night = options.night
    }

    /// For a run that is about to start.
    init?(_ job: StageJob, _ options: StageOptions) {
        let request = job.request
        guard !options.isTrial,
            let folder = try? request.address.stage(job.config.stage)
        else { return nil }
        self.folder = folder
        tool = job.config.tool
        night = options.night
    }

    /// Removes the previous run's ending: if this run is killed, that must not be mistaken for its own.
    func begin() {
        // This run is about to find the other one's lock.
        if folder.isBeingWritten { return }
        try? StageEnding.remove(of: folder)
    }

    /// Records that the run has an outcome.
    func end(_ outcome: StageOutcome) {
        let status = outcome.exitStatus
        write(
            status, outcome.endingMessage, version: Folders.name(of: outcome.path),
            pinned: status.kind == .heldBack ? folder.sealedPin().map { "v\($0)" } : nil)
    }

    /// Records that the run failed.
    ///
    /// - Parameter version: the version that it worked on.
    func end(_ fault: Fault, version: String?) {
        switch fault.origin {
        case .here: write(ToolExit(fault.kind), "\(fault)", version: version)
        case .upstream(let stage): write(ToolExit(fault.kind), "\(fault)", version: version, because: stage)
        case .lockHolder: break
        }
    }

    /// Records that the configuration could not be resolved.
    func refuse(_ fault: Fault) {
        if [.usage, .missing].contains(fault.kind) { return }
        end(fault, version: nil)
    }

    private func write(
        _ status: ToolExit, _ message: String, version: String?, because: String? = nil, pinned: String? = nil
    ) {
        let ending = StageEnding(
            stage: folder.stage, tool: tool, status: status, message: message, time: WallClock.now(), version: version,
            because: because, night: night, pinned: pinned)
        try? ending.write(of: folder)
    }
}

extension StageOptions {
    /// Whether the run can never move `current`.
    fileprivate var isTrial: Bool { input != nil || parts != nil || shard != nil || dryRun }
}

extension StageOutcome {
    fileprivate var exitStatus: ToolExit { fault.map { ToolExit($0.kind) } ?? .done }

    /// The result of the version, without advice, which the program that shows the ending adds.
    fileprivate var endingMessage: String {
        let name = Folders.name(of: path)
        switch status {
        case .heldBack(let reason): return "\(name) held back: \(reason)"
        case .pinned(let version): return "\(name) is sealed, but current is pinned to v\(version) by hand"
        case .current, .apart, .dryRun: return "\(name) is sealed and current"
        }
    }
}
