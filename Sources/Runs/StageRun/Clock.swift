internal import Dates
internal import Glibc
public import JSON
internal import Memory

/// The wall clock and the process's own figures, as they stand in the seals' `run` objects.
public enum Clock {
    /// Seconds since 1970.
    public static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds on a clock that never jumps, for measuring.
    public static func monotonic() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A time as RFC 3339 in UTC with milliseconds: `2026-11-20T02:00:00.125Z`.
    public static func text(_ seconds: Double) -> String {
        Moment(secondsSince1970: seconds).text(decimals: 3)
    }

    /// The largest resident memory so far of this process, or of the largest of its ended children, in bytes.
    public static func peakMemory() -> Int {
        var (own, children) = (rusage(), rusage())
        getrusage(RUSAGE_SELF.rawValue, &own)
        getrusage(RUSAGE_CHILDREN.rawValue, &children)
        return max(own.ru_maxrss, children.ru_maxrss) * 1024
    }

    /// The limit of memory, in bytes, that a stage works under: the smallest of the machine's, its control group's, `RLIMIT_DATA`,
    /// `RLIMIT_AS` and its own `memory_limit`; `nil` where the kernel tells none.
    ///
    /// - Parameter config: the stage's effective configuration.
    public static func memoryLimit(of config: JSONObject) -> Int? {
        MemoryGauge(configured: config["memory_limit"]?.int).limit()
    }

    /// The machine's name.
    public static func host() -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Double {
    /// Rounded to a number of decimals, so that its shortest text has no more than these.
    public func rounded(decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (self * scale).rounded()
        return scaled.isFinite ? scaled / scale : self
    }
}
