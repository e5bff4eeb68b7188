internal import CSyscalls
internal import Glibc

/// Core files contain everything a process knew, including secrets from its environment.
enum CoreDumps {
    /// Disables core files for this process, and access to its memory for all users except root.
    static func forbid() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        // A core pattern that pipes to a program ignores the limit, but not this.
        _ = nocturne_forbid_dumps()
    }
}
