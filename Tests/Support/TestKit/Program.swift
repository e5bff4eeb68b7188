internal import CPrograms
internal import Foundation
public import Glibc

/// A program's standard input.
public enum Input: Sendable {
    /// Nothing.
    case nothing
    /// A text.
    case text(String)
    /// Nothing, until the handle or the tests' process closes it.
    case held
}

/// The destination of a program's standard output or standard error.
public enum Output: Sendable {
    /// Into ``Finished/out`` or ``Finished/err``.
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
    /// The whole environment.
    public var environment: [String: String]
    /// The working directory.
    public var folder: String
    /// Its standard input.
    public var input = Input.nothing
    /// Where standard output goes.
    public var output = Output.captured
    /// Where standard error goes.
    public var errors = Output.captured
    /// The user who runs it; only root may choose one.
    public var user: uid_t?
    /// The number of seconds after which it is killed and the test fails.
    public var limit = 300.0
    /// An object that must live as long as the program runs, such as its working directory.
    public var owner: (any Sendable)?

    /// Describes a program.
    ///
    /// - Parameter environment: by default the tests' own.
    public init(_ words: [String], environment: [String: String]? = nil, folder: String = "/") {
        self.words = words
        self.environment = environment ?? ProcessInfo.processInfo.environment
        self.folder = folder
    }

    /// Runs the program until it ends.
    public func run() throws -> Finished { try start().finish() }

    /// Starts the program in a process group of its own.
    ///
    /// It gets its three streams and no other open file of this process. A leaked end of a pipe would keep the reader
    /// at the other end waiting until that program ends, which may be after the last test.
    public func start() throws -> Running {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The program's ends of the streams, closed here once it has them, and ours, which the handle takes over.
        var (theirs, ours): ([Int32], [Int32]) = ([], [])
        defer { for end in theirs { close(end) } }
        do {
            ours.append(try connectInput(&actions, &theirs))
            ours.append(try connect(output, as: STDOUT_FILENO, &actions, &theirs))
            ours.append(try connect(errors, as: STDERR_FILENO, &actions, &theirs))
            programs_close_from(&actions, 3)
            return Running(
                words: words, pid: try spawn(&actions), input: ours[0], out: ours[1], err: ours[2], limit: limit,
                owner: owner)
        } catch {
            for end in ours where end >= 0 { close(end) }
            throw error
        }
    }

    /// Makes standard input.
    ///
    /// - Returns: our end of it, or −1 if there is none.
    private func connectInput(
        _ actions: inout posix_spawn_file_actions_t, _ theirs: inout [Int32]
    ) throws -> Int32 {
        switch input {
        case .nothing:
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            return -1
        case .text(let text):
            // A file, not a pipe: it accepts any text at once, whether the program reads it or not.
            let file = try scratch(text)
            theirs.append(file)
            posix_spawn_file_actions_adddup2(&actions, file, STDIN_FILENO)
            return -1
        case .held:
            let ends = try pipe()
            theirs.append(ends.read)
            posix_spawn_file_actions_adddup2(&actions, ends.read, STDIN_FILENO)
            return ends.write
        }
    }

    /// Makes standard output or standard error.
    ///
    /// - Returns: our end of it, or −1 if there is none.
    private func connect(
        _ stream: Output, as number: Int32, _ actions: inout posix_spawn_file_actions_t, _ theirs: inout [Int32]
    ) throws -> Int32 {
        switch stream {
        case .closed: posix_spawn_file_actions_addclose(&actions, number)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, number, path, O_WRONLY, 0)
        case .captured, .brokenPipe:
            let ends = try pipe()
            theirs.append(ends.write)
            posix_spawn_file_actions_adddup2(&actions, ends.write, number)
            if case .captured = stream { return ends.read }
            close(ends.read)
        }
        return -1
    }

    private func spawn(_ actions: inout posix_spawn_file_actions_t) throws -> pid_t {
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

        // These exec the program, so that its process is the one we signal.
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
            throw HarnessError("cannot start \(words[0]): \(String(cString: strerror(status)))")
        }
        return pid
    }

    private func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard programs_pipe(&ends) == 0 else { throw HarnessError("no pipe: \(String(cString: strerror(errno)))") }
        return (ends[0], ends[1])
    }

    /// An unnamed file with a text, to be read from its start.
    private func scratch(_ text: String) throws -> Int32 {
        let file = programs_memory_file("input")
        guard file >= 0 else { throw HarnessError("no file: \(String(cString: strerror(errno)))") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                throw HarnessError("cannot write to a file: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
}
