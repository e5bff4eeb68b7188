internal import BatchFormat
internal import Durable
public import JSON

/// What a version's `events.jsonl` says that alerts and summaries are made of.
public struct RunLog: Sendable {
    /// The figures of infer's batches, in the order in which they ran.
    public private(set) var batches: [JSONObject] = []
    /// The first event of each kind that tells of memory running short.
    public private(set) var memory: [JSONObject] = []
    /// Why a gate held the version back, the last time that it did.
    public private(set) var gateReason: String?
    /// Why a run ended in an error, the last time that one did.
    public private(set) var failure: String?

    /// A log that says nothing.
    public init() {}

    /// Reads a version's log. It lies outside every digest: what is missing or half written is passed over.
    public init(version path: String) {
        guard let map = try? MappedFile("\(path)/\(VersionFolder.eventsName)") else { return }
        for line in map.bytes.split(separator: UInt8(ascii: "\n")) {
            // Most lines tell of items; parsing these alone would take as long as everything else here.
            guard Self.wanted.contains(where: { line.holds($0) }), case .object(let event)? = try? JSON(parsing: line)
            else { continue }
            take(event)
        }
    }

    /// What lines of interest hold; `EventLog` writes them so.
    private static let wanted = [
        #""event": "batch""#, #""event": "memory_"#, #""event": "gate_failed""#, #""event": "run_failed""#,
    ]
    .map { Array($0.utf8) }

    /// Takes an event in.
    mutating func take(_ event: JSONObject) {
        switch event["event"]?.string {
        case "batch": batches.append(event)
        case "gate_failed": gateReason = event["message"]?.string
        case "run_failed": failure = event["reason"]?.string ?? event["message"]?.string
        case let name? where name.hasPrefix("memory_"):
            if event["level"]?.string == "warning", !memory.contains(where: { $0["event"] == event["event"] }) {
                memory.append(event)
            }
        default: break
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Whether some bytes stand near the front, where the event's name is.
    fileprivate func holds(_ bytes: [UInt8]) -> Bool {
        let front = prefix(160)
        guard let first = bytes.first else { return true }
        return front.indices.contains { at in front[at] == first && front[at...].starts(with: bytes) }
    }
}
