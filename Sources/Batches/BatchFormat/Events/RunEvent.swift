public import JSON

/// Something that happens in a run, as one line of `events.jsonl` records it: `time`, `level`, `event`, mostly `message`,
/// and the figures. The same type writes the line and reads it.
public protocol RunEvent: Sendable {
    /// The event's fixed name: `part_sealed`.
    static var name: String { get }
    /// How much it matters.
    static var level: EventLevel { get }
    /// When it happens, in one sentence, for the documentation.
    static var meaning: String { get }
    /// What the line holds beside time, level, name and message, in this order.
    static var figures: [Figure<Self>] { get }
    /// One line for a person; empty if there is none.
    var message: String { get set }
    /// Members behind the figures that not every event of the name has.
    var details: JSONObject { get set }

    /// An event that says nothing yet: reading a line fills it in.
    init()
}

extension RunEvent {
    /// For what happened as it should.
    public static var level: EventLevel { .info }

    /// None.
    public var details: JSONObject {
        get { [:] }
        set {}
    }

    /// The figures' names and values, those without a value left out, and the details.
    public var members: JSONObject {
        var object = JSONObject()
        for figure in Self.figures { object[figure.name] = figure.get(self) }
        for (name, value) in details.members where object[name] == nil { object[name] = value }
        return object
    }

    /// Reads an event from a line of the log; `nil` if it is another event's, or lacks a figure.
    public init?(line: JSONObject) {
        guard line["event"]?.string == Self.name else { return nil }
        self.init()
        for figure in Self.figures { guard figure.set(&self, line[figure.name]) else { return nil } }
        message = line["message"]?.string ?? ""
        var rest = line
        for name in ["time", "level", "event", "message"] + Self.figures.map(\.name) {
            rest[name] = nil
        }
        details = rest
    }
}

/// One figure of an event: its name, and where the event holds it.
public struct Figure<Event>: Sendable {
    /// The name in the line.
    public let name: String
    /// Whether some lines lack it.
    public let isOptional: Bool
    let get: @Sendable (Event) -> JSON?
    let set: @Sendable (inout Event, JSON?) -> Bool

    /// A figure that every line has.
    public init<Value: FigureValue>(_ name: String, _ path: any WritableKeyPath<Event, Value> & Sendable) {
        self.name = name
        isOptional = false
        get = { $0[keyPath: path].json }
        set = { event, json in
            guard let value = json.flatMap(Value.init(json:)) else { return false }
            event[keyPath: path] = value
            return true
        }
    }

    /// A figure that some lines lack.
    public init<Value: FigureValue>(_ name: String, _ path: any WritableKeyPath<Event, Value?> & Sendable) {
        self.name = name
        isOptional = true
        get = { $0[keyPath: path]?.json }
        set = { event, json in
            event[keyPath: path] = json.flatMap(Value.init(json:))
            return true
        }
    }
}

/// What a figure can be.
public protocol FigureValue: Sendable {
    /// The value in a line.
    var json: JSON { get }
    /// Reads it.
    init?(json: JSON)
}

extension String: FigureValue {
    /// A text.
    public var json: JSON { .string(self) }
    /// Reads a text.
    public init?(json: JSON) {
        guard let text = json.string else { return nil }
        self = text
    }
}

extension Int: FigureValue {
    /// A whole number.
    public var json: JSON { .int(Int64(self)) }
    /// Reads a whole number.
    public init?(json: JSON) {
        guard let number = json.int else { return nil }
        self = number
    }
}

extension Double: FigureValue {
    /// A number.
    public var json: JSON { .double(self) }
    /// Reads a number.
    public init?(json: JSON) {
        guard let number = json.double else { return nil }
        self = number
    }
}
