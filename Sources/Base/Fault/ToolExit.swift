/// What a process's exit code means, what to do about it, and whether cron tries again.
///
/// The only table of exit codes: `--help`, the night's advice, the alerts, and the table in `docs/operations.md` are
/// made from it.
public struct ToolExit: Sendable, Hashable {
    /// The code, as a shell reports it: 128 and the signal's number for a process that a signal ended.
    public let code: Int32
    /// The name used in endings: that of the ``Fault/Kind``, or `done`, `killed`, `closedPipe`, `crashed`, `unknown`.
    public let name: String
    /// What happened.
    public let meaning: String
    /// What to do about it.
    public let remedy: String

    /// The status of any exit code.
    public init(code: Int32) { self = Self.known[code] ?? Self.crash(code) ?? Self.unknown(code) }

    /// The status of a kind of failure.
    public init(_ kind: Fault.Kind) { self.init(code: kind.exitCode) }

    private init(_ code: Int32, _ name: String, _ meaning: String, _ remedy: String) {
        self.code = code
        self.name = name
        self.meaning = meaning
        self.remedy = remedy
    }

    private init(_ kind: Fault.Kind, _ meaning: String, _ remedy: String) {
        self.init(kind.exitCode, kind.description, meaning, remedy)
    }

    /// Whether the run ended well.
    public var isDone: Bool { self == Self.done }
    /// Whether cron tries again by itself: a later run may succeed without changes.
    public var isRetried: Bool { [.unavailable, .retryLater].contains(kind) }
    /// Whether a person or a supervisor stopped the run: that is intentional, and not a failure.
    public var isStop: Bool { [.interrupted, .terminated].contains(kind) }
    /// Whether a signal ended the process before it could report anything.
    public var isSudden: Bool { [Self.killed.name, Self.crashed].contains(name) }

    /// The kind of failure with this code, if the tools have one.
    public var kind: Fault.Kind? { Fault.Kind.all.first { $0.exitCode == code } }

    /// Ended well.
    public static let done = ToolExit(0, "done", "sealed and current", "nothing is left to do")
    /// Ended by SIGKILL.
    public static let killed = ToolExit(
        137, "killed", "killed (SIGKILL): by the kernel when memory ran out, or with kill -9",
        "run again: sealed parts are kept; if memory ran out (dmesg says so), make room, or lower infer.max_batch_frames"
    )
    /// Ended by SIGPIPE.
    public static let closedPipe = ToolExit(
        141, "closedPipe", "the reader closed the pipe", "nothing is left to do: the work was finished")

    /// Every status with a text of its own, in the order of the codes, except crashes.
    public static let all: [ToolExit] =
        ([done, killed, closedPipe] + failures).sorted { $0.code < $1.code }

    private static let failures = [
        ToolExit(
            .heldBack, "sealed, but held back from current by a gate",
            "look with 'batches show', then fix the cause, or accept the version with 'batches use', and run again"),
        ToolExit(.usage, "wrong usage", "fix the command; --help says how"),
        ToolExit(
            .damaged, "an input is damaged", "look with 'batches verify'; docs/operations.md says how to recover"),
        ToolExit(
            .missing, "an input does not exist",
            "check whether the night's data has arrived; the message names what is missing"),
        ToolExit(
            .unavailable, "a service is unavailable after retries",
            "cron tries again; check storage and database if it stays"),
        ToolExit(.defect, "a defect in the tool", "keep events.jsonl and the message, and report it"),
        ToolExit(.disk, "the disk failed or is full", "make room and run again; sealed data is safe"),
        ToolExit(
            .retryLater, "stopped for now, and safe to run again",
            "cron tries again: another run holds the lock, memory is short, or nothing makes room in the disk_budget, "
                + "which only 'nocturne nightly' and 'nocturne stream' do"),
        ToolExit(.denied, "access denied", "fix the credentials or the clock; the message says which"),
        ToolExit(
            .configuration, "the configuration is wrong",
            "fix pipeline.toml, or what it names; the message says where"),
        ToolExit(.interrupted, "stopped by SIGINT", "run again; sealed parts are kept"),
        ToolExit(.terminated, "stopped by SIGTERM", "run again; sealed parts are kept"),
    ]

    private static let known = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
    private static let crashed = "crashed"

    /// The codes of the signals that only a crash sends.
    public static let crashes: [Int32: String] = [
        132: "SIGILL", 133: "SIGTRAP", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV",
    ]

    private static func crash(_ code: Int32) -> ToolExit? {
        crashes[code].map { signal in
            ToolExit(
                code, crashed, "the tool crashed (\(signal))", "keep events.jsonl and the log, report it, and run again"
            )
        }
    }

    private static func unknown(_ code: Int32) -> ToolExit {
        ToolExit(code, "unknown", "unknown exit code", "look at the log for what ended the tool")
    }
}
