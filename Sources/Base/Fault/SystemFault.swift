internal import Glibc

extension Fault {
    /// Maps a kernel error on a path to a fault: missing (66), denied (77), or the disk (74) for everything else.
    public static func system(_ doing: String, _ path: String, errno code: Int32) -> Fault {
        let kind: Fault.Kind =
            switch code {
            case ENOENT, ENOTDIR: .missing
            case EACCES, EPERM: .denied
            case EWOULDBLOCK: .retryLater
            default: .disk
            }
        return Fault(kind, "cannot \(doing) '\(path)': \(String(cString: strerror(code)))")
    }

    /// As ``system(_:_:errno:)`` with the calling thread's `errno`.
    public static func system(_ doing: String, _ path: String) -> Fault { system(doing, path, errno: Glibc.errno) }
}
