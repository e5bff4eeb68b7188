internal import Glibc

/// The number of processors.
public enum Processors {
    /// The number of processors online, at least 1. To use fewer, pass `--jobs`.
    public static var count: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
