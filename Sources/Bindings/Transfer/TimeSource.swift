internal import Time

/// The two clocks needed for waiting, which tests can replace.
public struct TimeSource: Sendable {
    /// Seconds since some instant, never set back.
    public let monotonic: @Sendable () -> Double
    /// Seconds since 1970, as used by dates in headers.
    public let wall: @Sendable () -> Double

    /// Makes a source of custom clocks.
    public init(monotonic: @escaping @Sendable () -> Double, wall: @escaping @Sendable () -> Double) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// The machine's clocks.
    public static let system = TimeSource(monotonic: MonotonicClock.now, wall: WallClock.now)
}
