internal import Processes
internal import StageRun
package import Transfer

/// The `--watch` option: keep looking for new objects until a given time, or until a stop is requested.
public struct Watch: Sendable {
    /// Seconds since 1970 at which the last part is cut; `nil` for never.
    let until: Double?
    /// The clocks: the monotonic one for waiting, the wall's for the end.
    let time: TimeSource
    /// Whether a stop was requested; the watch then ends in order.
    let isStopped: @Sendable () -> Bool

    /// A watch with the machine's clocks, ended by SIGINT and SIGTERM.
    public init(until: Double?) { self.init(until: until, time: .system) { StopFlag.isRaised } }

    /// A watch with other clocks.
    package init(until: Double?, time: TimeSource, isStopped: @escaping @Sendable () -> Bool = { false }) {
        self.until = until
        self.time = time
        self.isStopped = isStopped
    }

    /// Whether it is time to cut the last part.
    var isOver: Bool { isStopped() || until.map { time.wall() >= $0 } ?? false }
}
