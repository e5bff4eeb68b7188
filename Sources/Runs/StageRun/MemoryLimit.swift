public import JSON
internal import Memory

/// What a stage may use of the memory.
public enum MemoryLimit {
    /// The limit, in bytes, that a stage works under: the smallest of the machine's, its control group's, `RLIMIT_DATA`,
    /// `RLIMIT_AS` and its own `memory_limit`; `nil` where the kernel reports none.
    ///
    /// - Parameter config: the stage's effective configuration.
    public static func bytes(for config: JSONObject) -> Int? {
        MemoryGauge(configured: config["memory_limit"]?.int).limit()
    }
}
