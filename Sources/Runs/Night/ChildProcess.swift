internal import Durable
public import Fault
internal import Glibc
internal import StageRun
internal import Workers

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
        let (pid, error) = ChildStart.start(words)
        guard error == 0 else { throw .system("run", words[0], errno: error) }
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
