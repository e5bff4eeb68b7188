public import JSON

/// What varied in a run: when, where, how long. The `run` object of `part.json`, `batch.json` and `run.json`, outside their
/// digests.
///
/// A figure that a run does not have is `nil` and left out. ``checksum`` is put in, last, by the file that holds the object.
public struct RunFigures: Sendable, Equatable {
    /// The machine's name.
    public var host: String?
    /// When the run, or the work on the part, began: RFC 3339 in UTC with milliseconds.
    public var startedAt: String?
    /// When it ended.
    public var finishedAt: String?
    /// How long it took.
    public var seconds: Double?
    /// The most memory that was resident at once.
    public var peakMemoryBytes: Int?
    /// Parts that the run made.
    public var partsMade: Int?
    /// Parts that it took over from other versions.
    public var partsReused: Int?
    /// The tool's version and commit.
    public var toolVersion: String?
    /// Items worked on at a time.
    public var jobs: Int?
    /// Seconds that the run waited for its input to grow.
    public var waitedForInput: Double?
    /// Seconds that it waited for those who follow it.
    public var waitedForFollowers: Double?
    /// The limit of memory that it worked under.
    public var memoryLimitBytes: Int?
    /// The transaction in which a batch was loaded.
    public var transaction: Int?
    /// When that transaction was, by the database's clock.
    public var loadedAt: String?
    /// The version that was taken as input instead of the upstream stage's `current`.
    public var inputPath: String?
    /// The version of the same batch that the run follows: `clean/v1`.
    public var follows: String?
    /// Rows of the batch's metadata, repeated ones counted once.
    public var metadataRows: Int?
    /// Rows that met an item.
    public var metadataRowsUsed: Int?
    /// Rows that met none.
    public var metadataRowsUnused: Int?

    /// Batches that were made smaller because memory was short, in the seals of `infer`'s parts.
    public var memoryCuts = MemoryCuts()

    /// No figures.
    public init() {}

    /// What names its figures, each in an order of its own.
    enum Holder {
        /// `part.json`
        case part
        /// `batch.json` of a version that has parts.
        case version
        /// `batch.json` of a load into a database.
        case load
        /// `run.json`
        case manifest
        /// The row of a version in the table `runs`, beside what has a column of its own.
        case summary

        var names: [String] {
            switch self {
            case .part: ["started_at", "seconds", "peak_memory_bytes", "host", "tool_version", "jobs"]
            case .version:
                [
                    "host", "started_at", "finished_at", "seconds", "peak_memory_bytes", "parts_made", "parts_reused",
                    "tool_version", "jobs", "waited_for_input", "waited_for_followers", "memory_limit_bytes",
                    "metadata_rows", "metadata_rows_used", "metadata_rows_unused",
                ]
            case .load:
                [
                    "host", "started_at", "tool_version", "jobs", "finished_at", "seconds", "peak_memory_bytes",
                    "memory_limit_bytes", "transaction", "loaded_at",
                ]
            case .manifest: ["host", "started_at", "tool_version", "jobs", "input_path", "follows"]
            case .summary:
                [
                    "parts_made", "parts_reused", "tool_version", "host", "jobs", "memory_limit_bytes", "transaction",
                    "waited_for_input", "waited_for_followers", "metadata_rows", "metadata_rows_used",
                    "metadata_rows_unused",
                ]
            }
        }
    }

    /// One member: its name, and where it is held.
    private struct Member: Sendable {
        let name: String
        let get: @Sendable (RunFigures) -> JSON?
        let set: @Sendable (inout RunFigures, JSON) -> Void

        init<Value: FigureValue>(_ name: String, _ path: any WritableKeyPath<RunFigures, Value?> & Sendable) {
            self.name = name
            get = { $0[keyPath: path]?.json }
            set = { $0[keyPath: path] = Value(json: $1) }
        }
    }

    private static let members: [String: Member] = Dictionary(
        uniqueKeysWithValues: [
            Member("host", \.host), Member("started_at", \.startedAt), Member("finished_at", \.finishedAt),
            Member("seconds", \.seconds), Member("peak_memory_bytes", \.peakMemoryBytes),
            Member("parts_made", \.partsMade), Member("parts_reused", \.partsReused),
            Member("tool_version", \.toolVersion), Member("jobs", \.jobs), Member("waited_for_input", \.waitedForInput),
            Member("waited_for_followers", \.waitedForFollowers), Member("memory_limit_bytes", \.memoryLimitBytes),
            Member("transaction", \.transaction), Member("loaded_at", \.loadedAt), Member("input_path", \.inputPath),
            Member("follows", \.follows), Member("metadata_rows", \.metadataRows),
            Member("metadata_rows_used", \.metadataRowsUsed), Member("metadata_rows_unused", \.metadataRowsUnused),
        ].map { ($0.name, $0) })

    /// Reads a `run` object; unknown members are skipped.
    public init(_ object: JSONObject) {
        for (name, value) in object.members { Self.members[name]?.set(&self, value) }
        memoryCuts = MemoryCuts(object)
    }

    /// The members that a holder has, in its order.
    func object(in holder: Holder) -> JSONObject {
        var object = JSONObject()
        for name in holder.names { object[name] = Self.members[name]?.get(self) }
        if holder == .part { memoryCuts.write(to: &object) }
        return object
    }

    /// What the table `runs` shows of a version beside what has a column of its own.
    public var summary: JSONObject { object(in: .summary) }
}
