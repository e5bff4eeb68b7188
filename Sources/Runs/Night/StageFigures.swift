public import BatchFormat
internal import Durable
public import Fault
internal import JSON
public import PipelineConfig

/// The state of one stage of a night, as found on disk.
public struct StageFigures: Sendable {
    /// The stage's name.
    public let stage: String
    /// The tool that runs it.
    public let tool: StageTool
    /// The number of the version shown: the one held back, otherwise the current one.
    public let number: Int?
    /// Whether that version is held back.
    public let isHeld: Bool
    /// The seal of the version shown, if it can be read.
    public let seal: VersionSeal?
    /// The version that a person has pinned `current` to.
    public let pinned: Int?
    /// The version that waits for a person because `current` is pinned to another one.
    public let waiting: Int?
    /// When the version in use was sealed, as RFC 3339 in UTC.
    public let currentFinishedAt: String?
    /// The version's log.
    public let log: RunLog
    /// How the stage's last run ended, if it left an ending.
    public let ending: StageEnding?
    /// The newest version, if it is another one: that of a run that did not finish.
    public let unfinished: Unfinished?
    /// Seconds of work in the version's parts, in whichever runs they were made.
    public let workSeconds: Double?
    /// Seconds of audio in the items that the stage processed.
    public let audioSeconds: Double?

    /// A version without a seal.
    public struct Unfinished: Sendable {
        /// Its number.
        public let number: Int
        /// Its log.
        public let log: RunLog
        /// Distinguishes it from an earlier version with its number.
        let cause: String
    }

    /// Distinguishes the version shown from an earlier one with its number; part of the ids of its alerts.
    let cause: String

    /// Looks at a stage. What cannot be read counts as not there: a damaged seal must not hide everything else.
    public init(_ config: StageConfig, root: String, pipeline: String, batch: String) throws(Fault) {
        let folder = try BatchAddress(root: root, pipeline: pipeline, batch: batch).stage(config.stage)
        stage = config.stage
        tool = config.kind
        let shown = folder.shown()
        number = shown
        isHeld = shown != nil && folder.held() == shown
        pinned = folder.pinned()
        ending = StageEnding(of: folder)
        waiting = Self.waiting(ending, in: folder)
        let version = shown.flatMap { try? VersionReader(folder.version($0)) }
        seal = version?.seal
        let inUse = isHeld ? folder.current().flatMap { try? VersionReader(folder.version($0)) } : version
        currentFinishedAt = inUse?.seal.run.finishedAt
        log = shown.map { RunLog(version: folder.version($0)) } ?? RunLog()
        cause = shown.map { Self.cause(folder, $0) } ?? "-"
        if let newest = (try? folder.versions())?.last, newest != shown, !folder.isSealed(newest) {
            unfinished = Unfinished(
                number: newest, log: RunLog(version: folder.version(newest)), cause: Self.cause(folder, newest))
        } else {
            unfinished = nil
        }
        workSeconds = version.flatMap { Self.workSeconds(of: $0) }
        audioSeconds = version.flatMap { AudioLength.seconds(behind: $0, tool: config.kind) }
    }

    /// The version of a run that ended so; otherwise the newest one, if it is newer than the pinned one.
    private static func waiting(_ ending: StageEnding?, in folder: StageFolder) -> Int? {
        guard let pinned = folder.pinned() else { return nil }
        if let ending, ending.isWaiting, let made = ending.version.flatMap(StageFolder.number) {
            return made == pinned ? nil : made
        }
        return (try? folder.versions())?.last { $0 > pinned && folder.isSealed($0) }
    }

    /// How many times faster than real time the stage was; `nil` if there is no audio to count.
    public var speed: Double? {
        guard let audioSeconds, let workSeconds, audioSeconds > 0, workSeconds > 0 else { return nil }
        return audioSeconds / workSeconds
    }

    /// Wall time of the run that sealed the version, in seconds.
    public var seconds: Double? { seal?.run.seconds }
    /// The largest resident memory of that run, in bytes.
    public var peakMemoryBytes: Int? { seal?.run.peakMemoryBytes }

    /// Why a gate holds back the version shown.
    var gateReason: String {
        let name = "v\(number ?? 0)"
        guard let ending, ending.version == name, ending.status.kind == .heldBack, ending.because == nil else {
            return "\(name) held back by a gate"
        }
        return ending.message
    }

    /// The stage's state in one or two words.
    public var state: String {
        guard let number else { return unfinished == nil ? "no version" : "no sealed version" }
        if seal == nil { return "v\(number) damaged" }
        if isHeld { return "v\(number) held back" }
        return waiting.map { "v\(number) pinned, v\($0) waits" } ?? "v\(number) current"
    }

    /// `v1@2026-11-20T02:00:00.125Z`: `run.json` is written once, so this stays the same when a run resumes, and
    /// changes when a version is removed and made again.
    private static func cause(_ folder: StageFolder, _ number: Int) -> String {
        let manifest = try? RunManifest(reading: "\(folder.version(number))/\(VersionFolder.manifestName)")
        return manifest?.run.startedAt.map { "v\(number)@\($0)" } ?? "v\(number)"
    }

    private static func workSeconds(of version: VersionReader) -> Double? {
        var sum = 0.0
        for part in version.seal.parts {
            guard let seal = try? PartSeal(reading: "\(version.path)/\(part.name)/\(PartFolder.sealName)"),
                let seconds = seal.run.seconds
            else { return nil }
            sum += seconds
        }
        return version.seal.parts.isEmpty ? nil : sum
    }
}
