internal import Glibc

/// The time of day, as it stands in records.
public enum WallClock {
    /// Seconds since 1970.
    public static func now() -> Double { seconds(CLOCK_REALTIME) }

    /// A time as RFC 3339 in UTC with milliseconds: `2026-11-20T02:00:00.125Z`.
    public static func text(_ seconds: Double) -> String {
        Moment(secondsSince1970: seconds).text(decimals: 3)
    }
}

/// A clock that never jumps, for measuring.
public enum MonotonicClock {
    /// Seconds since some instant before the process began.
    public static func now() -> Double { seconds(CLOCK_MONOTONIC) }

    /// Has the calling thread wait.
    public static func wait(seconds: Double) { usleep(UInt32(max(0, seconds) * 1_000_000)) }
}

private func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
