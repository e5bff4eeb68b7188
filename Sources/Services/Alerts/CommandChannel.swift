public import Fault
internal import Glibc
internal import Processes

/// Runs a command with the alert as JSON on its standard input; exit code 0 means that it was accepted.
public struct CommandChannel: AlertChannel {
    /// `command`
    public let name = "command"
    private let words: [String]
    private let timeout: Double

    /// Sets the command.
    ///
    /// - Parameters:
    ///   - words: the program, looked up on the PATH unless it has a slash, and its arguments.
    ///   - timeout: the number of seconds after which the command and its children are killed.
    public init(_ words: [String], timeout: Double) {
        self.words = words
        self.timeout = timeout
    }

    /// Runs the command until it ends.
    public func deliver(_ payload: [UInt8], id: String) throws(Fault) {
        let input = try Self.scratch(payload)
        defer { close(input) }
        let output = try Self.scratch([])
        defer { close(output) }
        let pid = try start(input: input, output: output)
        guard let status = wait(for: pid) else {
            throw Fault(.unavailable, "'\(words[0])' did not end within \(timeout) s and was killed")
        }
        if status == 0 { return }
        let how = status & 0x7F == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
        let said = Self.lastLine(of: output)
        throw Fault(.unavailable, "'\(words[0])' ended with \(how)" + (said.isEmpty ? "" : ": \(said)"))
    }

    /// An unnamed file with some content, to be read from its start: it never blocks, whatever the command does.
    private static func scratch(_ bytes: [UInt8]) throws(Fault) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/nocturne-alert-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw Fault(.disk, "cannot make a file in '\(folder)': \(String(cString: strerror(errno)))")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            throw Fault(.disk, "cannot write to a file in '\(folder)'")
        }
        return descriptor
    }

    private func start(input: Int32, output: Int32) throws(Fault) -> pid_t {
        // The command does not need the webhook's secret.
        let (pid, error) = ChildStart.start(
            words, environment: ChildStart.variables(without: ["NOCTURNE_ALERT_SECRET"]), input: input, output: output,
            errors: output, inOwnGroup: true)
        guard error == 0 else {
            throw Fault(.missing, "cannot run '\(words[0])': \(String(cString: strerror(error)))")
        }
        return pid
    }

    /// The command's status, as returned by `waitpid`; `nil` if it had to be killed.
    private func wait(for pid: pid_t) -> Int32? {
        var (status, waited): (Int32, Double) = (0, 0)
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { return status }
            if ended < 0 && errno != EINTR { return nil }
            if waited >= timeout { break }
            usleep(10_000)
            waited += 0.01
        }
        kill(-pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return nil
    }

    /// The command's last line of output, for the error message.
    private static func lastLine(of output: Int32) -> String {
        let size = lseek(output, 0, SEEK_END)
        guard size > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: min(Int(size), 1000))
        let count = bytes.withUnsafeMutableBytes { pread(output, $0.baseAddress, $0.count, size - off_t($0.count)) }
        let lines = bytes.prefix(max(0, count)).split { $0 < 0x20 }
        return lines.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
