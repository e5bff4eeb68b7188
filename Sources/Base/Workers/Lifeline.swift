internal import Glibc

/// Ties a program that we started, and everything that it starts, to us: when we let go or die, however we die, the
/// processes that called ``watch(_:)`` are notified.
///
/// It is a connected pair of sockets. We keep one end; the other passes through make and shells, which ignore it, to
/// the tools. The kernel notifies them when the last holder of our end is gone. Unlike `PR_SET_PDEATHSIG`, this reaches
/// grandchildren, and a process that starts only after our death is notified too.
public final class Lifeline {
    private static let variable = "NOCTURNE_LIFELINE"
    /// The descriptor at which the child finds its end.
    private static let place: Int32 = 3
    private var ours: Int32
    private var theirs: Int32

    /// Makes a lifeline; `nil` if the process is out of descriptors.
    public init?() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        letGo()
        handedOver()
    }

    /// Tells those at the other end to stop. This cannot be undone.
    public func letGo() { Self.close(&ours) }

    /// Passes the other end to a program being started.
    func hand(over actions: inout posix_spawn_file_actions_t, _ variables: [String]) -> [String] {
        posix_spawn_file_actions_adddup2(&actions, theirs, Self.place)
        return variables + ["\(Self.variable)=\(Self.place)"]
    }

    /// Closes our copy of the other end, which now belongs to the program.
    func handedOver() { Self.close(&theirs) }

    private static func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Calls a closure, on a thread of its own, when the process that started this one lets go of its lifeline; never,
    /// if there is no lifeline. Call it once, before starting other processes, which must not inherit the lifeline.
    ///
    /// - Returns: false if the other end is gone already.
    public static func watch(_ ended: @escaping @Sendable () -> Void) -> Bool {
        guard let text = getenv(variable), let line = Int32(String(cString: text)) else { return true }
        unsetenv(variable)
        var status = stat()
        // The variable may have been inherited without the descriptor.
        guard fstat(line, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return true }
        _ = fcntl(line, F_SETFD, FD_CLOEXEC)
        if hasEnded(line, within: 0) { return false }
        // Never joined: it ends with the process.
        _ = WorkerThread {
            while !hasEnded(line, within: -1) {}
            ended()
        }
        return true
    }

    /// - Parameter limit: how long to wait for the end in milliseconds; -1 waits forever.
    private static func hasEnded(_ line: Int32, within limit: Int32) -> Bool {
        // poll reports a hang-up whether it is asked for or not.
        var polled = pollfd(fd: line, events: 0, revents: 0)
        return poll(&polled, 1, limit) > 0
    }
}
