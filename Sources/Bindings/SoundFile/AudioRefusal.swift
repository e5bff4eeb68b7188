public import Fault

/// Why a recording cannot be used: a statement about the file, not about the machine that reads it.
///
/// The same bytes are always refused with the same words.
public struct AudioRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The ledger's reason codes that a decoder can give.
    public enum Reason: String, Sendable {
        /// The file holds less than its header promises, or stops before its format says it ends.
        case truncated
        /// The bytes contradict their header: damaged, contradictory or absurd.
        case undecodable
        /// The format may be valid, but it is not on the allow-list.
        case unsupported
    }

    /// The reason code.
    public let reason: Reason
    /// What was found, in words.
    public let message: String

    /// `reason: message`
    public var description: String { "\(reason.rawValue): \(message)" }

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

/// What can go wrong with a sound file: the file is refused, or reading it fails.
///
/// The difference decides what is lost: a refusal costs one item, a failing disk stops the run.
public enum SoundFileError: Error, Sendable, CustomStringConvertible {
    /// The file is at fault.
    case refused(AudioRefusal)
    /// The machine is at fault: the file could not be opened or read.
    case failed(Fault)

    /// The message of the refusal or the fault.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .failed(let fault): fault.description
        }
    }

    static func truncated(_ message: String) -> SoundFileError { .refused(AudioRefusal(.truncated, message)) }
    static func undecodable(_ message: String) -> SoundFileError { .refused(AudioRefusal(.undecodable, message)) }
    static func unsupported(_ message: String) -> SoundFileError { .refused(AudioRefusal(.unsupported, message)) }

    /// A broken promise: `the header promises 10.00 s, the file holds 6.02 s`.
    static func truncated(promised: Int, held: Int, rate: Int) -> SoundFileError {
        let (promise, holding) = (seconds(promised, rate), seconds(held, rate))
        if promise != holding { return .truncated("the header promises \(promise) s, the file holds \(holding) s") }
        return .truncated("the header promises \(promised) samples, the file holds \(held)")
    }

    /// A number of frames as seconds with two decimals.
    private static func seconds(_ frames: Int, _ rate: Int) -> String {
        let hundredths = Int((Double(frames) * 100 / Double(max(rate, 1))).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
