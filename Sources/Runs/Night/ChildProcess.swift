internal import Durable
public import Fault
internal import Glibc
internal import StageRun

/// Another program, run to its end with our own standard streams.
public enum ChildProcess {
    /// Runs a program and waits for it; SIGINT and SIGTERM that reach us meanwhile are passed on as SIGTERM. One that came
    /// before is not: what is still started after it must be done (recording the night).
    ///
    /// - Parameters:
    ///   - words: the program (looked up on the PATH unless it has a slash) and its arguments.
    ///   - environment: variables to set on top of ours.
    /// - Returns: its exit code, or 128 + the signal that ended it.
    public static func run(_ words: [String], environment: [String: String] = [:]) throws(Fault) -> Int32 {
        for (name, value) in environment { setenv(name, value, 1) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        // Signals that we ignore stay ignored across exec; the child must get the defaults back.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, words[0], nil, &attributes, arguments, environ)
        guard status == 0 else { throw .system("run", words[0], errno: status) }
        return wait(for: pid)
    }

    private static func wait(for pid: pid_t) -> Int32 {
        var (status, passedOn): (Int32, Bool) = (0, StopFlag.isRaised)
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { break }
            if ended < 0 && errno != EINTR { return 70 }
            if StopFlag.isRaised && !passedOn {
                passedOn = true
                kill(pid, SIGTERM)
            }
            // Polling, so that a signal that arrives between two looks is never lost.
            usleep(10_000)
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }
}
