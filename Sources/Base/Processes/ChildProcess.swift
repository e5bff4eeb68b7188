public import Fault
internal import Glibc

/// A program that we have started and wait for. The tools it has started stop when we ask them to, or die.
public struct ChildProcess {
    private let pid: pid_t
    private let lifeline: Lifeline
    private let kept: KeptOutput?

    /// Starts a program with our own standard streams.
    ///
    /// - Parameters:
    ///   - words: the program (looked up on the PATH unless it has a slash) and its arguments.
    ///   - keepingOutput: whether its standard output is kept for us (``output``) instead of going where ours goes.
    public init(_ words: [String], keepingOutput: Bool = false) throws(Fault) {
        guard let lifeline = Lifeline() else { throw .system("run", words[0], errno: errno) }
        self.lifeline = lifeline
        kept = keepingOutput ? KeptOutput() : nil
        let (pid, error) = ChildStart.start(words, output: kept?.descriptor, lifeline: lifeline)
        guard error == 0 else { throw .system("run", words[0], errno: error) }
        self.pid = pid
    }

    /// The exit code, or 128 + the signal that ended the program; `nil` while it runs. A second call after that returns
    /// 70.
    public func code() -> Int32? {
        var status: Int32 = 0
        let ended = waitpid(pid, &status, WNOHANG)
        if ended == 0 || ended < 0 && errno == EINTR { return nil }
        guard ended == pid else { return Fault.Kind.defect.exitCode }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    /// The last lines that the program has printed, as far as they are kept.
    public var output: String { kept?.text ?? "" }

    /// Asks the program, and everything it has started, to stop. Not with a signal, which could end the processes
    /// between us and a tool but leave the tool running.
    public func stop() { lifeline.letGo() }

    /// Kills the program, which cannot refuse. Only before ``code()`` has answered.
    public func kill() { Glibc.kill(pid, SIGKILL) }

    /// Waits between two checks. Polling, so that a signal that arrives in between is never lost.
    public static func pause() { usleep(10_000) }
}
