internal import Glibc

/// The most memory that a run has needed.
public enum PeakMemory {
    /// The peak resident memory of this process, or of the largest of its ended children, in bytes.
    public static func bytes() -> Int {
        var (own, children) = (rusage(), rusage())
        getrusage(RUSAGE_SELF.rawValue, &own)
        getrusage(RUSAGE_CHILDREN.rawValue, &children)
        return max(own.ru_maxrss, children.ru_maxrss) * 1024
    }
}
