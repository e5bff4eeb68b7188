internal import Fault
internal import Glibc

/// How to start a decoder.
package struct DecoderLaunch: Sendable {
    /// The program.
    package let program: String
    /// Its arguments, starting with its name.
    package let arguments: [String]

    /// Makes a launch of another program.
    package init(program: String, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// The running program again, as a decoder. By this path, because an upgrade may have replaced the file.
    package static let thisProgram = DecoderLaunch(
        program: "/proc/self/exe", arguments: ["clean", DecodeWorker.argument])
}

/// A decoder process as seen by the tool: it decodes one recording at a time, for one thread at a time. It is killed
/// when its last owner releases it.
final class DecoderProcess: Sendable {
    /// A decoder's answer.
    enum Answer {
        case message(DecodeMessage)
        /// The decoder died of a signal or ended by itself: `SIGSEGV`, `exit code 1`.
        case died(String)
        /// It did not answer in time.
        case late
    }

    private let process: pid_t
    private let channel: Channel

    init(_ launch: DecoderLaunch, _ setup: DecodeSetup) throws(Fault) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw Fault(.retryLater, "cannot make a socket for a decoder: \(Self.words(errno))")
        }
        defer { close(ends[1]) }
        do throws(Fault) {
            process = try Self.spawn(launch, standardInput: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        channel = Channel(descriptor: ends[0])
        // If this fails, the decoder has died, and the first request reports it.
        try? channel.send(setup.bytes)
    }

    deinit {
        // It has nothing that a sudden end could damage.
        kill(process, SIGKILL)
        close(channel.descriptor)
        _ = Self.reap(process)
    }

    /// Requests a recording; ``next(until:)`` returns the results.
    func ask(_ request: DecodeRequest) {
        // If this fails, the decoder has died, and the next read reports it.
        try? channel.send(request.bytes)
    }

    /// The next message about the recording; after anything else the process is no longer usable.
    ///
    /// - Parameter deadline: the time of the monotonic clock, by which it must arrive.
    func next(until deadline: Double) -> Answer {
        do throws(Channel.Failure) {
            let (text, samples) = try channel.receive(mostSamples: AudioCleaner.blockSize, until: deadline)
            if text.isEmpty, !samples.isEmpty { return .message(.samples(samples)) }
            return DecodeMessage(text).map { .message($0) } ?? .died("garbled answer")
        } catch {
            switch error {
            case .late: return .late
            case .garbled: return .died("garbled answer")
            case .closed: return .died(ending())
            }
        }
    }

    /// How the process ended. Only its death closes its end of the socket, so this does not wait long.
    private func ending() -> String {
        var information = siginfo_t()
        // WNOWAIT leaves the process to be reaped with its handle, so that its number is not reused.
        let flags = WEXITED | WNOWAIT
        while waitid(P_PID, id_t(process), &information, flags) != 0, errno == EINTR {}
        let status = information._sifields._sigchld.si_status
        return information.si_code == CLD_EXITED ? "exit code \(status)" : Self.name(ofSignal: status)
    }

    private static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func spawn(_ launch: DecoderLaunch, standardInput: Int32) throws(Fault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        // mpg123 writes warnings to standard error; everything that matters is in the answer.
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The decoder starts with default signal handling, whatever this thread blocks or ignores: its alarm must
        // arrive.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var arguments = launch.arguments.map { strdup($0) } + [nil]
        var environment = Self.environment.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, launch.program, &actions, &attributes, &arguments, &environment)
        guard status == 0 else {
            throw Fault(.retryLater, "cannot start a decoder process: \(words(status))")
        }
        return process
    }

    /// The environment contains secrets, which a decoder does not need; it needs the location of its libraries. The
    /// Swift runtime's backtrace is useless for a crash in C code, and takes longer than the recording.
    private static var environment: [String] {
        let libraries = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(String(cString: $0))"] } ?? []
        return ["SWIFT_BACKTRACE=enable=no"] + libraries
    }

    private static func name(ofSignal number: Int32) -> String {
        let names = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGABRT: "SIGABRT", SIGFPE: "SIGFPE", SIGILL: "SIGILL",
            SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGALRM: "SIGALRM",
        ]
        return names[number] ?? "signal \(number)"
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
