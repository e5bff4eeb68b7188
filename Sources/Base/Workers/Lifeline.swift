internal import Glibc

/// Ties a program that we have started to us, and everything that it starts in turn: when we let go, or die, however we die,
/// whoever ``watch(_:)``es hears of it.
///
/// Two sockets that know each other. One end is ours alone; the other passes through make and shells, which know nothing of
/// it, to the tools. The kernel tells them when the last holder of our end has gone: unlike `PR_SET_PDEATHSIG`, it reaches
/// grandchildren, and one that starts only after our death hears of it all the same.
public final class Lifeline {
    private static let variable = "NOCTURNE_LIFELINE"
    /// Where the child finds its end.
    private static let place: Int32 = 3
    private var ours: Int32
    private var theirs: Int32

    /// Makes a line; `nil` if the process can have no more descriptors.
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

    /// Tells those at the other end to stop. Once is for ever.
    public func letGo() { Self.close(&ours) }

    /// Gives the other end to a program that is being started.
    func hand(over actions: inout posix_spawn_file_actions_t, _ variables: [String]) -> [String] {
        posix_spawn_file_actions_adddup2(&actions, theirs, Self.place)
        return variables + ["\(Self.variable)=\(Self.place)"]
    }

    /// Forgets the other end: it is the program's now.
    func handedOver() { Self.close(&theirs) }

    private static func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Has a closure called, on a thread of its own, when those who started this process for a purpose of theirs have let go
    /// of it; never, if nobody has. Called once, before the process starts others, which are not to inherit the line.
    ///
    /// - Returns: false if they are gone already.
    public static func watch(_ ended: @escaping @Sendable () -> Void) -> Bool {
        guard let text = getenv(variable), let line = Int32(String(cString: text)) else { return true }
        unsetenv(variable)
        var status = stat()
        // The number may have come down to us without what it stood for.
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

    /// - Parameter limit: how long to wait for the end, in milliseconds; -1: as long as it takes.
    private static func hasEnded(_ line: Int32, within limit: Int32) -> Bool {
        // A hang-up is told whether one asks for it or not.
        var polled = pollfd(fd: line, events: 0, revents: 0)
        return poll(&polled, 1, limit) > 0
    }
}
