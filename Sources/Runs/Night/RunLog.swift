public import JSON
internal import StageRun

/// The events of a version's `events.jsonl` from which alerts are made.
public struct RunLog: Sendable {
    /// The figures of infer's batches, in the order in which they ran.
    public private(set) var batches: [JSONObject] = []
    /// The first warning of each kind about short memory.
    public private(set) var memory: [JSONObject] = []

    /// An empty log.
    public init() {}

    /// Reads a version's log.
    public init(version path: String) {
        EventReader(version: path)?.forEach(where: { $0 == "batch" || $0.hasPrefix("memory_") }) { take($0) }
    }

    private mutating func take(_ event: JSONObject) {
        if event["event"] == "batch" {
            batches.append(event)
        } else if event["level"]?.string == "warning", !memory.contains(where: { $0["event"] == event["event"] }) {
            memory.append(event)
        }
    }
}
