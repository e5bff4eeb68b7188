internal import Glibc

/// Starts other programs.
public enum ChildStart {
    /// Starts a program with the signals that the tools ignore or catch reset to their defaults, because ignored
    /// signals stay ignored across exec.
    ///
    /// - Parameters:
    ///   - words: the program (looked up on the PATH unless it has a slash) and its arguments.
    ///   - environment: its variables as `NAME=VALUE`; `nil` for ours.
    ///   - input: the descriptor of its standard input; `nil` for ours.
    ///   - output: the descriptor of its standard output; `nil` for ours.
    ///   - errors: the descriptor of its standard error; `nil` for ours.
    ///   - inOwnGroup: whether it leads a process group of its own, which can be killed as a whole.
    ///   - lifeline: what ties it to us.
    /// - Returns: its process id, or the error number.
    public static func start(
        _ words: [String], environment: [String]? = nil, input: Int32? = nil, output: Int32? = nil,
        errors: Int32? = nil, inOwnGroup: Bool = false, lifeline: Lifeline? = nil
    ) -> (pid: Int32, error: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (ours, theirs) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
            if let ours { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }
        }
        var environment = environment ?? variables()
        if let lifeline { environment = lifeline.hand(over: &actions, environment) }
        defer { lifeline?.handedOver() }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | (inOwnGroup ? POSIX_SPAWN_SETPGROUP : 0)))
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, words[0], &actions, &attributes, arguments, variables)
        return (pid, error)
    }

    /// Our environment as `NAME=VALUE`, without some variables.
    public static func variables(without names: Set<String> = []) -> [String] {
        var lines: [String] = []
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if !names.contains(String(line.prefix { $0 != "=" })) { lines.append(line) }
            entry += 1
        }
        return lines
    }
}
