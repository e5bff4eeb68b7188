public import BatchFormat
public import JSON

/// Something removed by housekeeping.
public struct RemovedFiles: Sendable {
    /// The kind of what is removed.
    public enum Kind: String, Sendable {
        /// A sealed version.
        case version
        /// A version that a dead run left without a seal.
        case unsealed
        /// Something under a temporary name.
        case leftover
        /// The raw objects of a part, which stays.
        case raw
    }

    /// The kind of what is removed.
    public let kind: Kind
    /// Its stage.
    public let stage: StageFolder
    /// Its path: a version's folder, a part's folder for raw objects, or the leftover itself.
    public let path: String
    /// Why it is removed.
    public let reason: String
    /// The sizes of its files, in bytes.
    public let apparentBytes: Int
    /// The sizes of those files that lose their last name, in bytes: the disk space freed.
    public let freedBytes: Int

    /// The removal in the form of `--json`.
    public var json: JSON {
        [
            "kind": .string(kind.rawValue), "pipeline": .string(stage.pipeline), "batch": .string(stage.batch),
            "stage": .string(stage.stage), "path": .string(path), "reason": .string(reason),
            "apparent_bytes": .int(Int64(apparentBytes)), "freed_bytes": .int(Int64(freedBytes)),
        ]
    }
}

/// Something that housekeeping keeps, and why.
public struct Retained: Sendable {
    /// A version's folder, or a stage's.
    public let path: String
    /// The reasons.
    public let reasons: [String]

    /// The same in the form of `--json`.
    public var json: JSON {
        ["path": .string(path), "reasons": .array(reasons.map { .string($0) })]
    }
}

/// The result of housekeeping.
public struct HousekeepingReport: Sendable {
    /// What was removed, or would be, in this order.
    public internal(set) var removals: [RemovedFiles] = []
    /// Versions that are kept, and why.
    public internal(set) var kept: [Retained] = []
    /// Stages that were skipped because a run is working there or reads from them.
    public internal(set) var skipped: [Retained] = []

    /// The sizes of everything that is removed, in bytes.
    public var apparentBytes: Int { removals.reduce(0) { $0 + $1.apparentBytes } }
    /// The disk space freed, in bytes.
    public var freedBytes: Int { removals.reduce(0) { $0 + $1.freedBytes } }

    /// The report in the form of `--json`.
    public var json: JSON {
        [
            "removed": .array(removals.map(\.json)), "kept": .array(kept.map(\.json)),
            "skipped": .array(skipped.map(\.json)), "apparent_bytes": .int(Int64(apparentBytes)),
            "freed_bytes": .int(Int64(freedBytes)),
        ]
    }
}
