public import Fault
internal import Glibc

/// A program that we have started, and whose end we wait for. The tools below it stop when we ask them to, or die.
public struct ChildProcess {
    private let pid: pid_t
    private let lifeline: Lifeline

    /// Starts a program with our own standard streams.
    ///
    /// - Parameters:
    ///   - words: the program (looked up on the PATH unless it has a slash) and its arguments.
    ///   - environment: variables to set on top of ours.
    ///   - isMute: its standard output goes nowhere.
    public init(_ words: [String], environment: [String: String] = [:], isMute: Bool = false) throws(Fault) {
        guard let lifeline = Lifeline() else { throw .system("run", words[0], errno: errno) }
        self.lifeline = lifeline
        let variables =
            ChildStart.variables(without: Set(environment.keys)) + environment.map { "\($0.key)=\($0.value)" }
        let nowhere = isMute ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1
        defer { if isMute { close(nowhere) } }
        let (pid, error) = ChildStart.start(
            words, environment: variables, output: isMute ? nowhere : nil, lifeline: lifeline)
        guard error == 0 else { throw .system("run", words[0], errno: error) }
        self.pid = pid
    }

    /// Runs a program and waits for it; its tools are asked to stop when SIGINT or SIGTERM reaches us meanwhile. One that came
    /// before is not passed on: what is still started after it must be done (recording the night).
    ///
    /// - Returns: its exit code, or 128 + the signal that ended it.
    public static func run(_ words: [String], environment: [String: String] = [:]) throws(Fault) -> Int32 {
        var stops = StopRelay()
        let child = try ChildProcess(words, environment: environment)
        while true {
            if let code = child.code() { return code }
            stops.pass(to: [child])
            pause()
        }
    }

    /// The exit code, or 128 + the signal that ended the program; `nil` while it runs. Asked again after that, it is 70.
    public func code() -> Int32? {
        var status: Int32 = 0
        let ended = waitpid(pid, &status, WNOHANG)
        if ended == 0 || ended < 0 && errno == EINTR { return nil }
        guard ended == pid else { return 70 }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    /// Asks the tool, or the tools below the program, to stop. Not by a signal: make passes SIGTERM on to its shells, which
    /// end and leave their tools running.
    public func stop() { lifeline.letGo() }

    /// Waits between two looks. Polling, so that a signal that arrives between them is never lost.
    public static func pause() { usleep(10_000) }
}
