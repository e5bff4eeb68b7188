public import Fault
internal import Synchronization

/// Set by the tool's signal handler, and checked by the stages between items.
public enum StopFlag {
    private static let signal = Atomic<Int32>(0)
    private static let isByStarter = Atomic<Bool>(false)

    /// Requests a stop, like the given signal. Safe to call from a signal handler.
    public static func raise(_ number: Int32) { signal.store(number, ordering: .relaxed) }

    /// Requests a stop, like SIGTERM, because the program that started this one asks for it or has died.
    public static func raiseByStarter() {
        isByStarter.store(true, ordering: .relaxed)
        raise(15)
    }

    /// Whether a stop was requested.
    public static var isRaised: Bool { signal.load(ordering: .relaxed) != 0 }

    /// The exit code for the signal that requested a stop, if any: 130 or 143.
    public static var exitCode: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    /// Throws the fault of the signal that requested a stop, if any.
    public static func check() throws(Fault) {
        switch signal.load(ordering: .relaxed) {
        case 0: return
        case 2: throw Fault(.interrupted, "stopped by SIGINT; sealed parts are kept; run it again to continue")
        default:
            let who = isByStarter.load(ordering: .relaxed) ? "the night that it is part of" : "SIGTERM"
            throw Fault(.terminated, "stopped by \(who); sealed parts are kept; run it again to continue")
        }
    }
}
