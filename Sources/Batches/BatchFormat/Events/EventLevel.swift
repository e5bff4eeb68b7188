/// The importance of an event.
public enum EventLevel: String, Sendable, Comparable {
    /// For those who look for a defect in the tool.
    case debug
    /// What happened, including rejected items.
    case info
    /// A problem that did not stop the run: a retry, a decoder that crashed, a missed gate.
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

    /// Order of importance.
    public static func < (a: EventLevel, b: EventLevel) -> Bool { a.rank < b.rank }
}
