/// What an exit code means, and what to do: the words for whoever reads cron's mail at breakfast.
public struct ExitCodeAdvice: Sendable, Equatable {
    /// What happened.
    public let meaning: String
    /// What to do about it.
    public let remedy: String
    /// Whether cron tries the night again by itself.
    public let isRetried: Bool

    /// The advice for a code.
    ///
    /// - Parameters:
    ///   - stage: the stage that ended with it, which may tell more than the code.
    ///   - made: how many stages a night that went well has made, if that is known.
    public init(_ code: Int32, of stage: StageFigures? = nil, made: Int? = nil) {
        isRetried = code == 69 || code == 75
        switch (code, stage, made) {
        case (0, _, 0?): (meaning, remedy) = ("every stage was sealed and current already", "nothing was to be made")
        case (0, _, let made?):
            let stages = made == 1 ? "1 stage" : "\(made) stages"
            (meaning, remedy) = ("every stage is sealed and current, \(stages) made anew", "nothing is left to do")
        case (10, let stage?, _) where !stage.isHeld && stage.pinned != nil:
            meaning = "sealed, but current is pinned by hand to v\(stage.pinned ?? 0)"
            remedy =
                "take the new version with 'batches use', or let current follow the runs again with "
                + "'batches use … \(stage.stage) --unpin', and run again"
        default:
            (meaning, remedy) = Self.words[code] ?? Self.crash(code) ?? Self.unknown
        }
    }

    private static let unknown = ("no code of Nocturne's", "look at the log for what ended the tool")

    /// What a signal that only a crash sends is told as: 128 and its number.
    private static func crash(_ code: Int32) -> (String, String)? {
        let signals: [Int32: String] = [
            4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV",
        ]
        return signals[code - 128].map {
            ("the tool crashed (\($0))", "keep events.jsonl and the log, report it, and run again")
        }
    }

    private static let words: [Int32: (String, String)] = [
        0: ("every stage is sealed and current", "nothing is left to do"),
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
        137: (
            "killed (SIGKILL): by the kernel for want of memory, or with kill -9",
            "dmesg tells which; make room, or lower infer.max_batch_frames, and run again: sealed parts are kept"
        ),
        143: ("stopped by SIGTERM", "run again; sealed parts are kept"),
    ]
}
