internal import CSyscalls
internal import Glibc

/// Core files hold whatever a process knew, the secrets of its environment included.
enum CoreDumps {
    /// Sees to it that a crash of this process leaves none, and that nobody but root looks into its memory.
    static func forbid() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        // A core pattern that pipes to a program pays no heed to the limit; it does to this.
        _ = nocturne_forbid_dumps()
    }
}
