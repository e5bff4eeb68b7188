public import Glibc
internal import Synchronization

/// Where a program's standard output goes.
public enum Output: Sendable {
    /// Into ``Finished/out``.
    case captured
    /// Nowhere: the descriptor is closed.
    case closed
    /// Into a file, such as `/dev/full`.
    case file(String)
    /// Into a pipe whose reader has gone away.
    case brokenPipe
}

/// A program with its arguments, environment and working directory, ready to be started.
public struct Program: Sendable {
    /// The program's path and its arguments.
    public var words: [String]
    /// The whole environment: nothing of the test's own leaks in.
    public var environment: [String: String]
    /// The working directory.
    public var folder: String
    /// Where standard output goes.
    public var output = Output.captured
    /// Who runs it, if not the tests' own user; only root may choose.
    public var user: uid_t?
    /// After so many seconds it is killed, and the test fails.
    public var limit = 300.0
    /// What must live as long as the program runs, such as its working directory.
    public var owner: (any Sendable)?

    /// Describes a program.
    public init(_ words: [String], environment: [String: String], folder: String) {
        self.words = words
        self.environment = environment
        self.folder = folder
    }

    /// Runs the program to its end.
    public func run() throws -> Finished { try start().finish() }

    /// Held from making pipes to starting the child: a pipe end that leaked into a sibling would never come to its end.
    private static let starting = Mutex(())

    /// Starts the program in a process group of its own.
    public func start() throws -> Running { try Self.starting.withLock { _ in try launch() } }

    private func launch() throws -> Running {
        let (out, err) = (try pipe(), try pipe())
        defer { for end in [out.write, err.write] { close(end) } }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        switch output {
        case .captured: posix_spawn_file_actions_adddup2(&actions, out.write, 1)
        case .closed: posix_spawn_file_actions_addclose(&actions, 1)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY, 0)
        case .brokenPipe:
            let broken = try pipe()
            close(broken.read)
            defer { close(broken.write) }
            posix_spawn_file_actions_adddup2(&actions, out.write, 1)
            return try spawn(&actions, out: out, err: err, stdout: broken.write)
        }
        return try spawn(&actions, out: out, err: err, stdout: nil)
    }

    private func spawn(
        _ actions: inout posix_spawn_file_actions_t, out: Pipe, err: Pipe, stdout: Int32?
    ) throws -> Running {
        if let stdout { posix_spawn_file_actions_adddup2(&actions, stdout, 1) }
        posix_spawn_file_actions_adddup2(&actions, err.write, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (defaults, none) = (sigset_t(), sigset_t())
        sigfillset(&defaults)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

        // These become the program by exec, so that its process is the one that we signal.
        var command = ["/usr/bin/env", "-C", folder] + words
        if let user {
            command = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] + command
        }
        let arguments = strings(command)
        let variables = strings(environment.map { "\($0.key)=\($0.value)" })
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, command[0], &actions, &attributes, arguments, variables)
        guard status == 0 else {
            close(out.read)
            close(err.read)
            throw HarnessError("cannot start \(words[0]): \(String(cString: strerror(status)))")
        }
        return Running(words: words, pid: pid, out: out.read, err: err.read, limit: limit, owner: owner)
    }

    private typealias Pipe = (read: Int32, write: Int32)

    private func pipe() throws -> Pipe {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw HarnessError("no pipe: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    private func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
}
