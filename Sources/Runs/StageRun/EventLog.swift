internal import BatchFormat
internal import Durable
public import Fault
public import JSON
internal import Synchronization
internal import Time

/// How much an event matters.
public enum EventLevel: String, Sendable, Comparable {
    /// For the one who looks for a fault in the tool.
    case debug
    /// What happened, rejected items included.
    case info
    /// Trouble that did not stop the run: a retry, a decoder that crashed, a gate that failed.
    case warning
    /// Why the run stopped.
    case error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    /// Order of weight.
    public static func < (a: EventLevel, b: EventLevel) -> Bool { a.rank < b.rank }
}

/// One thing that happened in a run: a fixed name and its figures.
public struct Event: Sendable {
    /// When, in seconds since 1970.
    public let time: Double
    /// How much it matters.
    public let level: EventLevel
    /// What happened, a fixed name: `part_sealed`.
    public let name: String
    /// The figures.
    public let figures: JSONObject
    /// One line for a person.
    public let message: String

    /// Describes an event.
    public init(time: Double, level: EventLevel, name: String, figures: JSONObject, message: String) {
        self.time = time
        self.level = level
        self.name = name
        self.figures = figures
        self.message = message
    }
}

/// Takes a run's events: to `events.jsonl` in the version once there is one, and to whoever else listens.
public final class EventLog: Sendable {
    private final class LogFile: Sendable {
        let handle: FileHandle
        init(_ path: String) throws(Fault) { handle = try FileHandle.appending(path) }
    }

    private let file = Mutex<LogFile?>(nil)
    private let folder = Mutex<String?>(nil)
    private let listener: @Sendable (Event) -> Void

    /// Makes a log that also hands each event to a listener (the tool's stderr).
    public init(listener: @escaping @Sendable (Event) -> Void = { _ in }) { self.listener = listener }

    /// Starts to write into a version's `events.jsonl`, behind what is there.
    public func open(inVersion path: String) throws(Fault) {
        let opened = try LogFile("\(path)/\(VersionFolder.eventsName)")
        file.withLock { $0 = opened }
        folder.withLock { $0 = Folders.name(of: path) }
    }

    /// The name of the version that the run works on, once it has come to one: `v3`.
    public var version: String? { folder.withLock { $0 } }

    /// Records an event. The log is a courtesy: if it cannot be written, the run goes on.
    public func record(
        _ name: String, level: EventLevel = .info, _ message: String = "", _ figures: JSONObject = [:]
    ) {
        let event = Event(time: WallClock.now(), level: level, name: name, figures: figures, message: message)
        var line: JSONObject = [
            "time": .string(WallClock.text(event.time)), "level": .string(level.rawValue), "event": .string(name),
        ]
        if !message.isEmpty { line["message"] = .string(message) }
        for (name, value) in figures.members { line[name] = value }
        let bytes = JSON.object(line).bytes(.line) + [UInt8(ascii: "\n")]
        file.withLock { file in
            // What matters stands in the seals; a log that fails once is not tried again.
            if let opened = file, !opened.handle.writeAsCourtesy(bytes) { file = nil }
        }
        listener(event)
    }
}
