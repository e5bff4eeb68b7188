internal import Durable
public import Fault
internal import Glibc
public import JSON
internal import Time

/// How the last run of a stage ended, in `ROOT/PIPELINE/BATCH/.runs/STAGE.json`: also when it failed before it had a version.
///
/// It is what alerts, the table `runs`, the page and the night's summary quote. Nothing sealed depends on it: where it cannot
/// be written there is none, and the run's exit code stays what it is.
///
/// Three rules keep one run's ending from being read as another's. A run removes the file when it starts. A run that meets
/// another run's lock never began, and neither removes nor writes it after that. And a run that is part of a night writes the
/// night's id, so that the night knows its own.
public struct StageEnding: Sendable, Equatable {
    /// The stage.
    public let stage: String
    /// The tool that ran it.
    public let tool: String
    /// The exit code and what it means.
    public let status: ToolExit
    /// What happened, for a person.
    public let message: String
    /// When the run ended, as RFC 3339 in UTC.
    public let time: String
    /// The version that the run worked on, if it had come to one.
    public let version: String?
    /// The stage that this one ended because of, if it did not end by itself.
    public let because: String?
    /// The night that the run was part of.
    public let night: String?
    /// The version that `current` is pinned to while the run's own version waits for a person: the stages after this one read
    /// it.
    public let pinned: String?

    /// Describes an ending.
    ///
    /// - Parameter time: seconds since 1970.
    public init(
        stage: String, tool: String, status: ToolExit, message: String, time: Double, version: String? = nil,
        because: String? = nil, night: String? = nil, pinned: String? = nil
    ) {
        self.init(
            stage: stage, tool: tool, status: status, message: message,
            time: Moment(secondsSince1970: time).text(decimals: 3), version: version, because: because, night: night,
            pinned: pinned)
    }

    private init(
        stage: String, tool: String, status: ToolExit, message: String, time: String, version: String?,
        because: String?, night: String?, pinned: String?
    ) {
        self.stage = stage
        self.tool = tool
        self.status = status
        self.message = message
        self.time = time
        self.version = version
        self.because = because
        self.night = night
        self.pinned = pinned
    }

    /// The same ending, as a consequence of how another stage ended.
    public func blaming(_ cause: String, _ message: String) -> StageEnding {
        StageEnding(
            stage: stage, tool: tool, status: status, message: message, time: time, version: version, because: cause,
            night: night, pinned: pinned)
    }

    /// Whether the run did not end as it should, for a reason of its own or of another stage.
    public var isBad: Bool { !status.isDone }

    /// Whether the run's version waits for a person, who has pinned `current` to another one.
    public var isWaiting: Bool { status.kind == .heldBack && pinned != nil }

    /// Whether the stages after this one have a version to read.
    public var letsReadersRun: Bool { !isBad || isWaiting }

    // MARK: - On disk

    /// Reads the ending of a stage's last run; `nil` if that run left none that makes sense.
    public init?(of folder: StageFolder) {
        guard let bytes = try? AtomicFile.read(folder.endingFile, atMost: 1 << 20),
            case .object(let object)? = try? JSON(parsing: bytes)
        else { return nil }
        self.init(object)
    }

    /// The stages of a batch whose last run left an ending, by the order of the names' bytes: also those that have never had
    /// a version.
    public static func stages(of batch: BatchAddress) throws(Fault) -> [StageFolder] {
        guard Folders.isFolder(batch.endingsFolder) else { return [] }
        return try Folders.names(in: batch.endingsFolder).compactMap { name in
            name.hasSuffix(".json") ? try? batch.stage(String(name.dropLast(".json".count))) : nil
        }
    }

    /// Writes the ending in place of that of the run before.
    public func write(of folder: StageFolder) throws(Fault) {
        let path = folder.endingFile
        try Folders.makeAll(Folders.parent(of: path))
        // The name of a process: a run that failed at once may end at the same moment as the one that is at work.
        let temporary = "\(Folders.parent(of: path))/.tmp-\(stage).json.\(getpid())"
        do throws(Fault) {
            try AtomicFile.writeUnpublished(JSON.object(object).bytes(.line) + [UInt8(ascii: "\n")], to: temporary)
            try Folders.rename(temporary, to: path)
            try Folders.sync(Folders.parent(of: path))
        } catch {
            try? Folders.remove(temporary)
            throw error
        }
    }

    /// Removes the ending of the run before: a run that is killed must not be taken for it.
    public static func remove(of folder: StageFolder) throws(Fault) { try Folders.remove(folder.endingFile) }

    /// The ending as a JSON object.
    public var object: JSONObject {
        var object: JSONObject = [
            "format": 1, "stage": .string(stage), "tool": .string(tool), "code": .int(Int64(status.code)),
            "kind": .string(status.name), "message": .string(message), "time": .string(time),
        ]
        object["version"] = version.map { .string($0) }
        object["because"] = because.map { .string($0) }
        object["night"] = night.map { .string($0) }
        object["pinned"] = pinned.map { .string($0) }
        return object
    }

    private init?(_ object: JSONObject) {
        guard object["format"]?.int == 1, let stage = object["stage"]?.string, let tool = object["tool"]?.string,
            let code = object["code"]?.int.flatMap(Int32.init(exactly:)), let message = object["message"]?.string,
            let time = object["time"]?.string
        else { return nil }
        self.init(
            stage: stage, tool: tool, status: ToolExit(code: code), message: message, time: time,
            version: object["version"]?.string, because: object["because"]?.string, night: object["night"]?.string,
            pinned: object["pinned"]?.string)
    }
}

extension StageFolder {
    /// The file of the last run's ending. It lies beside the stages, so that a run which fails at once leaves no stage behind.
    fileprivate var endingFile: String { "\(address.endingsFolder)/\(stage).json" }
}
