public import BatchFormat
internal import StageRun

/// The events of a version's `events.jsonl` from which alerts are made.
public struct RunLog: Sendable {
    /// Infer's batches, in the order in which they ran.
    public private(set) var batches: [BatchRan] = []
    /// The first warning of each kind about short memory.
    public private(set) var memory: [any RunEvent] = []

    /// An empty log.
    public init() {}

    /// Reads a version's log.
    public init(version path: String) {
        let names: Set<String> = [BatchRan.name, MemorySoft.name, MemoryHard.name]
        EventReader(version: path)?.forEach(where: names.contains) { line in
            if let batch = BatchRan(line: line) {
                batches.append(batch)
            } else if let warning = (MemorySoft(line: line) as (any RunEvent)?) ?? MemoryHard(line: line) {
                if !memory.contains(where: { type(of: $0) == type(of: warning) }) { memory.append(warning) }
            }
        }
    }
}
