public import ArgumentParser
internal import Processes

/// The format of the run's log on stderr.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Lines for people.
    case text
    /// One JSON object per line.
    case json
}

/// When to draw a progress bar.
public enum ProgressMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// If stderr is a terminal.
    case auto
    /// Always.
    case always
    /// Never.
    case never
}

/// The arguments that every stage tool takes.
public struct StageOptions: ParsableArguments {
    /// The pipeline.
    @Argument(help: "The pipeline: a folder in pipelines/ with its pipeline.toml.")
    public var pipeline: String

    /// The batch.
    @Argument(help: "The batch. (default: the day due by the pipeline's [schedule])")
    public var batch: String?

    /// The stage.
    @Option(help: ArgumentHelp("The stage to run, if the pipeline has several of this tool.", valueName: "name"))
    public var stage: String?

    /// The root.
    @Option(help: ArgumentHelp("Where batches are kept. (default: $NOCTURNE_ROOT, else data)", valueName: "dir"))
    public var root: String?

    /// The configuration file.
    @Option(help: ArgumentHelp("The configuration. (default: pipelines/PIPELINE/pipeline.toml)", valueName: "file"))
    public var config: String?

    /// Overrides.
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Overrides one key, such as clean.sample_rate=8000; may be repeated.", valueName: "key=value"))
    public var overrides: [String] = []

    /// An input version.
    @Option(
        help: ArgumentHelp("Reads this version instead; a trial that never moves current.", valueName: "version-dir"))
    public var input: String?

    /// Workers.
    @Option(help: ArgumentHelp("Items processed at the same time. (default: the number of processors)", valueName: "n"))
    public var jobs: Int?

    /// A selection of parts.
    @Option(help: ArgumentHelp("Makes only these parts, such as 0,3-7; never moves current.", valueName: "list"))
    public var parts: String?

    /// A shard of parts.
    @Option(
        help: ArgumentHelp("Makes every N-th part, starting with the I-th; never moves current.", valueName: "i/n"))
    public var shard: String?

    /// Following the previous stage.
    @Flag(help: "Reads the previous stage's parts as they are sealed, and ends when its version is sealed.")
    public var follow = false

    /// The night that the run is part of.
    @Option(help: .hidden)
    public var night: String?

    /// Whether the night's stages were started together.
    @Flag(help: .hidden)
    public var streamed = false

    /// The stages before this one whose runs have ended in the night.
    @Option(parsing: .singleValue, help: .hidden)
    public var ended: [String] = []

    /// No reuse.
    @Flag(help: "Makes a new version of everything, reusing nothing.")
    public var force = false

    /// Explanation.
    @Flag(help: "Prints to stderr what changed since the last version.")
    public var why = false

    /// No action.
    @Flag(name: .customLong("dry-run"), help: "Prints what would be done, without doing it.")
    public var dryRun = false

    /// Machine-readable result.
    @Flag(help: "Prints the version's summary, or the failure, as one JSON object instead of its path.")
    public var json = false

    /// The log.
    @OptionGroup public var log: LogOptions

    /// For the parser.
    public init() {}

    /// Rejects options that exclude each other.
    public func validate() throws {
        if parts != nil && shard != nil { throw ValidationError("--parts and --shard exclude each other") }
        if shard != nil && force {
            throw ValidationError("--shard and --force exclude each other: each shard would start its own version")
        }
        if follow, input != nil || parts != nil || shard != nil || why || dryRun {
            throw ValidationError("--follow excludes --input, --parts, --shard, --why and --dry-run")
        }
        if streamed && night == nil { throw ValidationError("--streamed needs --night") }
        if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1") }
    }
}

/// The arguments that shape a tool's log.
public struct LogOptions: ParsableArguments {
    /// The format.
    @Option(help: "The format of log lines on stderr.")
    public var logFormat = LogFormat.text

    /// The bar.
    @Option(help: "When to draw a progress bar on stderr.")
    public var progress = ProgressMode.auto

    /// More.
    @Flag(help: "Logs more.")
    public var verbose = false

    /// Less.
    @Flag(help: "Logs only warnings and errors.")
    public var quiet = false

    /// For the parser.
    public init() {}

    /// Rejects options that exclude each other.
    public func validate() throws {
        if verbose && quiet { throw ValidationError("--verbose and --quiet exclude each other") }
    }
}
