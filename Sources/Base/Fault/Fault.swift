/// The one error type of the code base: what kind of failure, said for a person, with what caused it.
///
/// A message says what was wrong, where (file, line, key, item id) and what to do about it; it starts in lower case and
/// has no full stop. Secrets never enter a message.
public struct Fault: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; decides the exit code.
    public let kind: Kind
    /// What was wrong, where, and what to do.
    public let message: String
    /// The failure underneath, if there is one.
    public let cause: (any Error)?
    /// Where the failure began.
    public let origin: Origin

    /// Makes a fault of a kind, with a message for a person.
    public init(_ kind: Kind, _ message: String, cause: (any Error)? = nil, origin: Origin = .here) {
        self.kind = kind
        self.message = message
        self.cause = cause
        self.origin = origin
    }

    /// The message, followed by its causes.
    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }

    /// The same failure seen from further out: `context: message`.
    public func within(_ context: String) -> Fault {
        Fault(kind, "\(context): \(message)", cause: cause, origin: origin)
    }
}

extension Fault {
    /// Where a failure began: only a failure of a run's own can be the cause of a failed night.
    public enum Origin: Sendable, Hashable {
        /// In the run that reports it.
        case here
        /// In a stage that the run reads: that stage failed, was stopped, or is held back.
        case upstream(String)
        /// In another run of the same stage, which holds the stage's lock: this run never began.
        case lockHolder
    }
}

extension Fault {
    /// A kind of failure. The set may grow, so switch over it with a default.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Code: Int32, Sendable {
            case heldBack = 10
            case usage = 64
            case damaged = 65
            case missing = 66
            case unavailable = 69
            case defect = 70
            case disk = 74
            case retryLater = 75
            case denied = 77
            case configuration = 78
            case interrupted = 130
            case terminated = 143
        }

        private let code: Code
        private init(_ code: Code) { self.code = code }

        /// The process exit code for this kind (the names and numbers of `sysexits.h`, and 128 + signal).
        public var exitCode: Int32 { code.rawValue }

        /// The kind's name, as it stands in logs and endings.
        public var description: String { "\(code)" }

        /// Every kind, in the order of the codes.
        public static let all = [
            heldBack, usage, damaged, missing, unavailable, defect, disk, retryLater, denied, configuration,
            interrupted,
            terminated,
        ]

        /// 10: sealed, but held back from `current` by a gate.
        public static let heldBack = Kind(.heldBack)
        /// 64: wrong usage.
        public static let usage = Kind(.usage)
        /// 65: an input is damaged: a digest does not match, a file does not parse.
        public static let damaged = Kind(.damaged)
        /// 66: an input does not exist.
        public static let missing = Kind(.missing)
        /// 69: a service is unavailable after retries.
        public static let unavailable = Kind(.unavailable)
        /// 70: a defect in the tool.
        public static let defect = Kind(.defect)
        /// 74: the disk failed or is full.
        public static let disk = Kind(.disk)
        /// 75: stopped for now, and safe to run again.
        public static let retryLater = Kind(.retryLater)
        /// 77: access denied, or policy forbids it.
        public static let denied = Kind(.denied)
        /// 78: the configuration is wrong.
        public static let configuration = Kind(.configuration)
        /// 130: stopped by SIGINT.
        public static let interrupted = Kind(.interrupted)
        /// 143: stopped by SIGTERM.
        public static let terminated = Kind(.terminated)
    }
}
