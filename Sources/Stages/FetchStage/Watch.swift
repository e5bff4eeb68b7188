internal import Processes
internal import StageRun
package import Transfer

/// What `--watch` asks for: to go on looking for new objects until a moment, or until a stop is asked for.
public struct Watch: Sendable {
    /// Seconds since 1970 at which the last part is cut; `nil`: never.
    let until: Double?
    /// The clocks: the monotonic one for waiting, the wall's for the end.
    let time: TimeSource
    /// Whether a stop was asked for; the watch then ends in order.
    let isStopped: @Sendable () -> Bool

    /// A watch by the machine's clocks that SIGINT and SIGTERM end.
    public init(until: Double?) { self.init(until: until, time: .system) { StopFlag.isRaised } }

    /// A watch by other clocks.
    package init(until: Double?, time: TimeSource, isStopped: @escaping @Sendable () -> Bool = { false }) {
        self.until = until
        self.time = time
        self.isStopped = isStopped
    }

    /// Whether it is time to cut the last part.
    var isOver: Bool { isStopped() || until.map { time.wall() >= $0 } ?? false }
}
