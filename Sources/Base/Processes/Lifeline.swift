internal import Glibc

/// Ties a program that we started, and everything that it starts, to us: when we let go or die, however we die, the
/// processes that hold an ``InheritedLifeline`` are notified.
///
/// It is a connected pair of sockets. We keep one end; the other passes through make and shells, which ignore it, to
/// the tools. The kernel notifies them when the last holder of our end is gone. Unlike `PR_SET_PDEATHSIG`, this reaches
/// grandchildren, and a process that starts only after our death is notified too.
public final class Lifeline {
    fileprivate static let variable = "NOCTURNE_LIFELINE"
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
}

/// The end of a lifeline that this process was started with.
public struct InheritedLifeline: Sendable {
    private let descriptor: Int32

    /// Takes the lifeline over; `nil` if there is none. Call it once, before starting other processes, which must not
    /// inherit the lifeline.
    public init?() {
        guard let text = getenv(Lifeline.variable), let line = Int32(String(cString: text)) else { return nil }
        unsetenv(Lifeline.variable)
        self.init(descriptor: line)
    }

    /// Takes a lifeline over by its descriptor. The variable may have been inherited without it.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
    }

    /// Whether the process that started this one has let go of the lifeline, or has died.
    public var hasEnded: Bool { hasEnded(within: 0) }

    /// Returns when it has.
    public func waitForEnd() { while !hasEnded(within: -1) {} }

    /// - Parameter limit: how long to wait for the end in milliseconds; -1 waits forever.
    private func hasEnded(within limit: Int32) -> Bool {
        // poll reports a hang-up whether it is asked for or not.
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&polled, 1, limit) > 0
    }
}
