public import BatchFormat
internal import Durable
public import Fault
public import JSON
internal import Synchronization
internal import Time

/// An event as it was recorded.
public struct Event: Sendable {
    /// When, in seconds since 1970.
    public let time: Double
    /// Its importance.
    public let level: EventLevel
    /// The event's fixed name: `part_sealed`.
    public let name: String
    /// The figures.
    public let figures: JSONObject
    /// One line for people.
    public let message: String

    /// An event at a time, in seconds since 1970.
    public init(_ event: some RunEvent, time: Double) {
        self.time = time
        level = type(of: event).level
        name = type(of: event).name
        figures = event.members
        message = event.message
    }
}

/// Receives a run's events and passes them to the version's `events.jsonl`, once there is one, and to a listener.
public final class EventLog: Sendable {
    private final class LogFile: Sendable {
        let handle: FileHandle
        init(_ path: String) throws(Fault) { handle = try FileHandle.appending(path) }
    }

    private let file = Mutex<LogFile?>(nil)
    private let folder = Mutex<String?>(nil)
    private let listener: @Sendable (Event) -> Void

    /// Makes a log that also passes each event to a listener (the tool's stderr).
    public init(listener: @escaping @Sendable (Event) -> Void = { _ in }) { self.listener = listener }

    /// Starts to append to a version's `events.jsonl`.
    public func open(inVersion path: String) throws(Fault) {
        let opened = try LogFile("\(path)/\(VersionFolder.eventsName)")
        file.withLock { $0 = opened }
        folder.withLock { $0 = Folders.name(of: path) }
    }

    /// The name of the version that the run works on, once it has come to one: `v3`.
    public var version: String? { folder.withLock { $0 } }

    /// Records an event. The log is advisory: if it cannot be written, the run goes on.
    public func record(_ event: some RunEvent) {
        let event = Event(event, time: WallClock.now())
        var line: JSONObject = [
            "time": .string(WallClock.text(event.time)), "level": .string(event.level.rawValue),
            "event": .string(event.name),
        ]
        if !event.message.isEmpty { line["message"] = .string(event.message) }
        for (name, value) in event.figures.members { line[name] = value }
        let bytes = JSON.object(line).bytes(.line) + [UInt8(ascii: "\n")]
        file.withLock { file in
            // What matters is in the seals; a log that fails once is not tried again.
            if let opened = file, !opened.handle.writeAsCourtesy(bytes) { file = nil }
        }
        listener(event)
    }
}
