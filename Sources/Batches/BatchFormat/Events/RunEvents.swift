// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import Fault
public import JSON

/// A run starts to work on a version.
public struct RunStarted: RunEvent {
    public static let name = "run_started"
    public static let meaning = "A run starts to work on a version."
    public static let figures: [Figure<Self>] = [
        Figure("version", \.version), Figure("parts", \.parts), Figure("jobs", \.jobs),
    ]
    public var message = ""
    /// The version: `v3`.
    public private(set) var version = ""
    /// Its parts, as far as they are known.
    public private(set) var parts = 0
    /// Items worked on at a time.
    public private(set) var jobs = 0

    public init() {}

    /// A run of a stage of a batch.
    public init(_ folder: StageFolder, version: String, parts: Int, jobs: Int) {
        self.version = version
        self.parts = parts
        self.jobs = jobs
        message = "\(folder.stage) \(folder.pipeline) \(folder.batch): version \(version)"
    }
}

/// A part is made and sealed.
public struct PartSealed: RunEvent {
    public static let name = "part_sealed"
    public static let meaning = "A part is made and sealed."
    public static let figures: [Figure<Self>] = [
        Figure("part", \.part), Figure("items", \.items), Figure("rejected", \.rejected), Figure("bytes", \.bytes),
        Figure("seconds", \.seconds),
    ]
    public var message = ""
    /// The part: `part-00003`.
    public private(set) var part = ""
    /// Items in it.
    public private(set) var items = 0
    /// Items that ended in it.
    public private(set) var rejected = 0
    /// Bytes of its files.
    public private(set) var bytes = 0
    /// How long it took to make.
    public private(set) var seconds = 0.0

    public init() {}

    /// A part and its seal.
    public init(_ part: String, _ seal: PartSeal, seconds: Double) {
        self.part = part
        items = seal.items
        rejected = seal.rejected
        bytes = seal.bytes
        self.seconds = seconds
        message = "\(part): \(items) items, \(rejected) rejected, \(seconds.rounded(decimals: 2)) s"
    }
}

/// A sealed part did not match its digests, and is made again.
public struct PartDamaged: RunEvent {
    public static let name = "part_damaged"
    public static let level = EventLevel.warning
    public static let meaning = "A sealed part did not match its digests, and is made again."
    public static let figures: [Figure<Self>] = [Figure("part", \.part), Figure("version", \.version)]
    public var message = ""
    /// The part.
    public private(set) var part = ""
    /// The folder of the version that it is in.
    public private(set) var version = ""

    public init() {}

    /// A part that is not reused.
    public init(_ part: String, ofVersion version: String, _ fault: Fault) {
        self.part = part
        self.version = version
        message = "not reused: \(fault)"
    }
}

/// A version is complete and sealed.
public struct VersionSealed: RunEvent {
    public static let name = "version_sealed"
    public static let meaning = "A version is complete and sealed."
    public static let figures: [Figure<Self>] = [
        Figure("version", \.version), Figure("items", \.items), Figure("rejected", \.rejected),
        Figure("seconds", \.seconds),
    ]
    public var message = ""
    /// The version: `v3`.
    public private(set) var version = ""
    /// Items in it.
    public private(set) var items = 0
    /// Items that ended in it.
    public private(set) var rejected = 0
    /// How long the run took.
    public private(set) var seconds = 0.0

    public init() {}

    /// A version and its seal.
    ///
    /// - Parameter parts: how many parts the run made, and how many it reused; `nil` for a version without parts.
    public init(_ version: String, _ seal: VersionSeal, parts: (made: Int, reused: Int)?, seconds: Double) {
        self.version = version
        items = seal.items
        rejected = seal.rejected
        self.seconds = seconds
        let counts = parts.map {
            ": \(seal.items) items, \(seal.rejected) rejected, \($0.made) parts made, \($0.reused) reused"
        }
        message = "\(version) sealed\(counts ?? "")"
    }
}

/// The seal of a version is damaged, so the version is ignored.
public struct VersionDamaged: RunEvent {
    public static let name = "version_damaged"
    public static let level = EventLevel.warning
    public static let meaning = "The seal of a version is damaged, so the version is ignored."
    public static let figures: [Figure<Self>] = [Figure("version", \.version)]
    public var message = ""
    /// The version: `v3`.
    public private(set) var version = ""

    public init() {}

    /// A version that is ignored.
    public init(_ version: String, _ message: String) {
        self.version = version
        self.message = message
    }
}

/// A gate holds the version back from `current`.
public struct GateFailed: RunEvent {
    public static let name = "gate_failed"
    public static let level = EventLevel.warning
    public static let meaning = "A gate holds the version back from `current`."
    public static let figures: [Figure<Self>] = [Figure("version", \.version)]
    public var message = ""
    /// The version: `v3`.
    public private(set) var version = ""

    public init() {}

    /// A version that is held back, and why.
    public init(_ version: String, _ reason: String) {
        self.version = version
        message = "\(version) held back: \(reason)"
    }
}

/// `current` points at another version.
public struct CurrentSwitched: RunEvent {
    public static let name = "current_switched"
    public static let meaning = "`current` points at another version."
    public static let figures: [Figure<Self>] = [Figure("version", \.version)]
    public var message = ""
    /// The version: `v3`.
    public private(set) var version = ""

    public init() {}

    /// The version that is current now.
    public init(_ version: String) {
        self.version = version
        message = "current is \(version)"
    }
}

/// One reason why something is to be done, with `--why` and `--dry-run`.
public struct Explained: RunEvent {
    public static let name = "why"
    public static let meaning = "One reason why something is to be done, with `--why` and `--dry-run`."
    public static let figures: [Figure<Self>] = []
    public var message = ""

    public init() {}

    /// A reason.
    public init(_ reason: String) {
        message = reason
    }
}

/// An item ends at this stage.
public struct ItemRejected: RunEvent {
    public static let name = "item_rejected"
    public static let meaning = "An item ends at this stage."
    public static let figures: [Figure<Self>] = [Figure("id", \.id), Figure("reason", \.reason)]
    public var message = ""
    /// The item.
    public private(set) var id = ""
    /// The code of the reason.
    public private(set) var reason = ""

    public init() {}

    /// An item and the reason.
    public init(_ id: ItemID, reason: String, message: String) {
        self.id = id.text
        self.reason = reason
        self.message = "'\(id)': \(reason): \(message)"
    }
}

/// A run ends in an error. The tool's last line on stderr is its message.
public struct RunFailed: RunEvent {
    public static let name = "run_failed"
    public static let level = EventLevel.debug
    public static let meaning = "A run ends in an error. The tool's last line on stderr is its message."
    public static let figures: [Figure<Self>] = [
        Figure("reason", \.reason), Figure("kind", \.kind), Figure("exit_code", \.exitCode),
    ]
    public var message = ""
    /// What happened, for a person.
    public private(set) var reason: String?
    /// The kind of fault.
    public private(set) var kind: String?
    /// The exit code.
    public private(set) var exitCode = 0

    public init() {}

    /// The error that ended the run.
    public init(_ fault: Fault) {
        reason = "\(fault)"
        kind = "\(fault.kind)"
        exitCode = Int(fault.kind.exitCode)
    }
}

/// The tool ends in an error: the last line of a log in JSON, on stderr alone.
public struct ToolFailed: RunEvent {
    public static let name = "failed"
    public static let level = EventLevel.error
    public static let meaning = "The tool ends in an error: the last line of a log in JSON, on stderr alone."
    public static let figures: [Figure<Self>] = [Figure("kind", \.kind), Figure("exit_code", \.exitCode)]
    public var message = ""
    /// The kind of fault.
    public private(set) var kind = ""
    /// The exit code.
    public private(set) var exitCode = 0

    public init() {}

    /// The error that ended the tool.
    public init(_ fault: Fault) {
        kind = "\(fault.kind)"
        exitCode = Int(fault.kind.exitCode)
        message = "\(fault)"
    }
}

/// An alert is raised about the version, with the alert's own figures; written by the night.
public struct AlertRaised: RunEvent {
    public static let name = "alert"
    public static let level = EventLevel.warning
    public static let meaning =
        "An alert is raised about the version, with the alert's own figures; written by the night."
    public static let figures: [Figure<Self>] = [
        Figure("kind", \.kind), Figure("severity", \.severity), Figure("id", \.id),
    ]
    public var message = ""
    public var details = JSONObject()
    /// The kind of alert.
    public private(set) var kind = ""
    /// How much it matters.
    public private(set) var severity = ""
    /// What names it in `alerts.jsonl`.
    public private(set) var id = ""

    public init() {}

    /// An alert and its figures.
    public init(kind: String, severity: String, id: String, message: String, details: JSONObject) {
        self.kind = kind
        self.severity = severity
        self.id = id
        self.message = message
        self.details = details
    }
}
