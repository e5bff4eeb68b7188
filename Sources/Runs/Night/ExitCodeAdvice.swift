/// What an exit code means, and what to do: the words for whoever reads cron's mail at breakfast.
public struct ExitCodeAdvice: Sendable, Equatable {
    /// What happened.
    public let meaning: String
    /// What to do about it.
    public let remedy: String
    /// Whether cron tries the night again by itself.
    public let isRetried: Bool

    /// The advice for a code.
    public init(_ code: Int32) {
        isRetried = code == 69 || code == 75
        (meaning, remedy) = Self.words[code] ?? ("no code of Nocturne's", "look at the log for what ended the tool")
    }

    private static let words: [Int32: (String, String)] = [
        0: ("every stage is sealed and current", "nothing to do"),
        10: (
            "sealed, but held back by a gate",
            "look with 'batches show', then mend the cause, or accept the version with 'batches use', and run again"
        ),
        64: ("wrong usage", "mend the command; --help says how"),
        65: ("an input is damaged", "look with 'batches verify'; docs/operations.md tells how to recover"),
        66: ("an input does not exist", "see whether the night's data has arrived; the message names what is missing"),
        69: ("a service is unavailable after retries", "cron tries again; look at storage and database if it stays"),
        70: ("a defect in the tool", "keep events.jsonl and the message, and report it"),
        74: ("the disk failed or is full", "make room and run again; nothing sealed is hurt"),
        75: (
            "stopped for now: another run holds the lock, memory is short, or nobody makes room in the disk_budget",
            "cron tries again by itself; room in the disk_budget is made by 'nocturne stream' or 'nightly' alone"
        ),
        77: ("access denied", "mend the credentials or the clock; the message says which"),
        78: ("the configuration is wrong", "mend pipeline.toml; the message names file, line and key"),
        130: ("stopped by SIGINT", "run again; sealed parts are kept"),
        143: ("stopped by SIGTERM", "run again; sealed parts are kept"),
    ]
}
