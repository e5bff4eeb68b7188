public import BatchFormat
public import Fault
public import PipelineConfig

/// What a stage tool is asked to do, besides the configuration.
public struct StageRequest: Sendable {
    /// The batch.
    public var address: BatchAddress
    /// A version to read instead of the upstream stage's `current`; such a trial never moves `current`.
    public var input: String?
    /// Items processed at the same time. Never affects the resulting bytes.
    public var jobs: Int
    /// Which parts to make, if not all; such a run never moves `current`.
    public var parts: PartSelection
    /// Whether to make everything again, reusing nothing.
    public var force: Bool
    /// Whether to only report what would be done.
    public var dryRun: Bool
    /// Whether to report what changed since the last version.
    public var why: Bool
    /// The tool's version and commit, for the record.
    public var toolVersion: String
    /// How the run cooperates with others running at the same time.
    public var streaming = Streaming()

    /// A plain run of everything.
    public init(
        _ address: BatchAddress, input: String? = nil, jobs: Int = 1,
        parts: PartSelection = .all, force: Bool = false, dryRun: Bool = false, why: Bool = false,
        toolVersion: String = "unknown"
    ) {
        self.address = address
        self.input = input
        self.jobs = jobs
        self.parts = parts
        self.force = force
        self.dryRun = dryRun
        self.why = why
        self.toolVersion = toolVersion
    }
}

/// How a run cooperates with those of the previous and later stages at the same time.
public struct Streaming: Sendable {
    /// Whether to read the parts of the previous stage as they are sealed.
    public var follow = false
    /// The streamed night that the run is part of: the runs of all its stages were started together, and a follower waits
    /// for its own night's run of the previous stage, whatever other runs came before.
    public var night: String?
    /// The stages that this one reads whose runs have ended in that night: their accepted versions are read.
    public var ended: Set<String> = []
    /// The pipeline's `[stream]`.
    public var limits = StreamConfig()
    /// The stages that read each stage of the pipeline.
    public var readers: [String: [StageConfig]] = [:]

    /// A run that follows no other.
    public init() {}
}

/// The parts of a version that a run is to make.
public enum PartSelection: Sendable, Equatable {
    /// All of them; the run seals the version and holds the stage's lock alone.
    case all
    /// Those named: `0,3-7`.
    case listed([ClosedRange<Int>])
    /// Every N-th part, beginning with part I - 1: `I/N`.
    case shard(index: Int, count: Int)

    /// Whether part `index` is selected.
    public func contains(_ index: Int) -> Bool {
        switch self {
        case .all: true
        case .listed(let ranges): ranges.contains { $0.contains(index) }
        case .shard(let shard, let count): index % count == shard - 1
        }
    }

    /// Refuses a selection with parts that do not exist.
    func check(against count: Int) throws(Fault) {
        guard case .listed(let ranges) = self, let last = ranges.map(\.upperBound).max(), last >= count else { return }
        let there = count == 0 ? "no parts" : count == 1 ? "part 0 alone" : "parts 0 to \(count - 1)"
        throw Fault(.usage, "--parts names part \(last), but the input has \(there)")
    }

    /// Parses `0,3-7`.
    public init(list text: String) throws(Fault) {
        var ranges: [ClosedRange<Int>] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, 0 <= first, first <= last
            else { throw Fault(.usage, "--parts takes part numbers and ranges such as 0,3-7, not '\(text)'") }
            ranges.append(first...last)
        }
        self = .listed(ranges)
    }

    /// Parses `I/N`.
    public init(shard text: String) throws(Fault) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1], 1 <= index, index <= count else {
            throw Fault(.usage, "--shard takes I/N with 1 <= I <= N, such as 2/4, not '\(text)'")
        }
        self = .shard(index: index, count: count)
    }
}
