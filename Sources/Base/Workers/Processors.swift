internal import Glibc

/// How many processors there are.
public enum Processors {
    /// The machine's processors that are on line, at least 1. A run that is to use fewer says so with `--jobs`.
    public static var count: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
