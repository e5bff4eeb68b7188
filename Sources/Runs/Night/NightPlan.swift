public import BatchFormat
public import Fault
internal import Glibc
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// A night to be run: which stages of which batch, what each reads, and which version of it is wanted.
///
/// The plan is made once, before anything is started, and is complete: ``NightRunner`` decides how it is carried out,
/// and a ``StageLauncher`` where.
public struct NightPlan: Sendable {
    /// The purpose of a night.
    public enum Purpose: String, Sendable {
        /// To have last night's results in time: the night may be late, and its figures are the pipeline's metrics.
        case nightly
        /// The same, watched while its recordings still come.
        case stream
        /// To fill a gap in the past.
        case backfill
    }

    /// Whether a stage waits for the stages it reads to end.
    public enum Order: Sendable {
        /// Each stage starts when those it reads have succeeded.
        case sequential
        /// All stages start at once, each working on the parts that the previous one has sealed. The versions are the
        /// same.
        case streamed
    }

    /// The version of a stage that a night is to produce.
    public enum Wanted: Sendable {
        /// The one that follows from input, configuration and model; made only if it does not exist.
        case upToDate
        /// A new one of everything, reusing nothing.
        case new
    }

    /// What happens to the other stages when one fails.
    public enum Failure: Sendable {
        /// Those that read it, directly or indirectly, are stopped; what the others make is kept for the next run.
        case stopsReaders
        /// All are stopped: a source that is watched, or a full `disk_budget`, would keep the others at work indefinitely.
        case stopsAll
    }

    /// One stage of the plan.
    public struct Step: Sendable {
        /// The stage's name.
        public let stage: String
        /// The tool that runs it.
        public let tool: String
        /// The stages it reads; empty for one that reads a source.
        public let inputs: [String]
        /// Which version is wanted.
        public let wanted: Wanted
        /// Where the stage keeps its versions.
        public let folder: StageFolder
    }

    /// The batch.
    public let address: BatchAddress
    /// The stages, each after those it reads.
    public let steps: [Step]
    /// The purpose of the night.
    public let purpose: Purpose
    /// Whether stages wait for each other to end.
    public let order: Order
    /// What happens to the other stages when one fails.
    public let failure: Failure
    /// Identifies this run of the night, also among runs of the same batch.
    public let id: String
    private let fetchWords: [String]
    private let isQuiet: Bool

    /// Plans a night.
    ///
    /// - Parameters:
    ///   - order: `nil` for what is faster here and fits into memory (``MemoryNeed``). A pipeline with a `disk_budget` is streamed whatever is
    ///     asked for: one after the other, no stage would make room.
    ///   - first: the stage to start with: it and those that read it are run, and the stages before it are left as they are;
    ///     `nil` for all stages.
    ///   - fetchWords: more words for the tools that read a source, such as `--watch`.
    ///   - isQuiet: whether the tools say nothing but warnings and errors.
    public init(
        _ config: PipelineConfig, name: String, batch: String, root: String, purpose: Purpose, order: Order? = nil,
        wanted: Wanted = .upToDate, from first: String? = nil, fetchWords: [String] = [], isQuiet: Bool = false
    ) throws(Fault) {
        address = try BatchAddress(root: root, pipeline: name, batch: batch)
        self.purpose = purpose
        var steps: [Step] = []
        for stage in config.stages {
            let folder = try address.stage(stage.stage)
            steps.append(
                Step(stage: stage.stage, tool: stage.tool, inputs: stage.inputs, wanted: wanted, folder: folder))
        }
        if let first {
            let begin = try config.stage(named: first).stage
            guard steps.contains(where: { $0.stage == begin }) else {
                throw Fault(.usage, "no stage of the pipeline reads '\(begin)', so that a night does not run it")
            }
            let wanted = Self.readers(of: begin, among: steps).union([begin])
            steps.removeAll { !wanted.contains($0.stage) }
        }
        self.steps = steps
        // Without the stage that fills it, there is nothing to make room for.
        let hasBudget = config.stream.diskBudget != nil && steps.contains(where: \.inputs.isEmpty)
        self.order =
            hasBudget
            ? .streamed : order ?? (MemoryNeed(of: steps, in: address).fits ? .streamed : .sequential)
        failure = hasBudget || purpose == .stream ? .stopsAll : .stopsReaders
        id = "\(WallClock.text(WallClock.now()))-\(getpid())-\(Machine.name())"
        self.fetchWords = fetchWords
        self.isQuiet = isQuiet
    }

    /// The command that runs the night, for the message of its lock.
    var command: String { "nocturne \(purpose.rawValue)" }

    /// Every stage that reads a stage, directly or indirectly.
    func readers(of stage: String) -> Set<String> { Self.readers(of: stage, among: steps) }

    private static func readers(of stage: String, among steps: [Step]) -> Set<String> {
        var found: Set = [stage]
        for step in steps where !found.isDisjoint(with: step.inputs) { found.insert(step.stage) }
        found.remove(stage)
        return found
    }

    /// In one word with its option: a root may begin with a hyphen.
    private var root: String { "--root=\(address.root)" }

    /// The command line that runs a stage.
    ///
    /// - Parameter ended: the stages whose runs have ended; those that are not run count as that.
    public func launch(_ step: Step, ended: Set<String> = []) -> StageLaunch {
        var words = [address.pipeline, address.batch, "--stage", step.stage, root, "--night", id, "--json"]
        if order == .streamed {
            let over = step.inputs.filter { input in ended.contains(input) || !steps.contains { $0.stage == input } }
            let follows = over.count < step.inputs.count
            words += ["--streamed"] + (follows ? ["--follow"] + over.flatMap { ["--ended", $0] } : [])
        }
        if step.inputs.isEmpty { words += fetchWords }
        if step.wanted == .new { words.append("--force") }
        if isQuiet { words.append("--quiet") }
        return StageLaunch(tool: step.tool, words: words)
    }

    /// The command line that checks whether a database has the batch.
    func checking(_ step: Step) -> StageLaunch {
        StageLaunch(
            tool: step.tool,
            words: [address.pipeline, address.batch, "--stage", step.stage, "--check", "--json", "--quiet", root])
    }

    /// The command line that records the runs and the alerts in the database of a stage that loads one.
    func recording(_ step: Step) -> StageLaunch {
        StageLaunch(
            tool: step.tool,
            words: [
                address.pipeline, address.batch, "--stage", step.stage, "--runs-only", "--json", "--quiet", root,
            ])
    }
}
