public import Glibc

/// A running program. The test that starts it must finish it.
public final class Running {
    /// Its process, which leads a group of its own.
    public let pid: pid_t
    private let words: [String]
    private let owner: (any Sendable)?
    private let started = Running.now()
    /// How long it may run, and its deadline.
    private var (limit, deadline): (Double, Double)
    private var input: Int32
    private var streams: [(descriptor: Int32, bytes: [UInt8])]
    private var ended = false

    /// - Parameters:
    ///   - input: our end of standard input, or −1.
    ///   - out: our end of standard output, or −1.
    ///   - err: our end of standard error, or −1.
    init(
        words: [String], pid: pid_t, input: Int32, out: Int32, err: Int32, limit: Double, owner: (any Sendable)?
    ) {
        self.words = words
        self.pid = pid
        self.input = input
        (self.limit, deadline) = (limit, started + limit)
        self.owner = owner
        streams = [(out, []), (err, [])]
    }

    deinit {
        if !ended {
            Glibc.kill(-pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        for stream in streams where stream.descriptor >= 0 { close(stream.descriptor) }
        closeInput()
    }

    /// Ends an input that was ``Input/held``.
    public func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Sends a signal to the program alone.
    public func signal(_ number: Int32) { Glibc.kill(pid, number) }

    /// Kills the program and everything it has started.
    public func killAll() { Glibc.kill(-pid, SIGKILL) }

    /// Waits until the program is stopped, for example by `NOCTURNE_FAULT=…:STOP`; false if it ended instead.
    public func waitsUntilStopped() throws -> Bool {
        var information = siginfo_t()
        while Self.now() < deadline {
            // Only looks: ``finish()`` collects the end.
            let flags = WSTOPPED | WEXITED | WNOWAIT | WNOHANG
            if waitid(P_PID, id_t(pid), &information, flags) == 0, information.si_signo == SIGCHLD {
                return information.si_code == Int32(CLD_STOPPED)
            }
            usleep(2000)
        }
        throw HarnessError("\(words.joined(separator: " ")) was not stopped within \(limit) s")
    }

    /// The running processes that the program has started, directly or not.
    public func descendants() throws -> [pid_t] { try ProcessTable.descendants(of: pid) }

    /// Reads until standard error contains a text; false if the program ended first.
    public func waits(for text: String) throws -> Bool {
        let wanted = Array(text.utf8)
        while !contains(streams[1].bytes, wanted) {
            guard try read() else { return false }
        }
        return true
    }

    /// Reads until there is a line on standard output; `nil` if the program ended first.
    public func firstLine() throws -> String? {
        while !streams[0].bytes.contains(UInt8(ascii: "\n")) {
            guard try read() else { return nil }
        }
        return String(decoding: streams[0].bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Reads both streams to their ends, and only then waits for the program: a full pipe would block it indefinitely.
    ///
    /// - Parameter seconds: how long that may take from now on; by default the program's own limit.
    public func finish(within seconds: Double? = nil) throws -> Finished {
        if let seconds { (limit, deadline) = (seconds, Self.now() + seconds) }
        while try read() {}
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw HarnessError("lost the process of \(words[0])") }
        }
        ended = true
        withExtendedLifetime(owner) {}
        let signal = status & 0x7F
        return Finished(
            words: words, code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, signal: signal == 0 ? nil : signal,
            out: String(decoding: streams[0].bytes, as: UTF8.self),
            err: String(decoding: streams[1].bytes, as: UTF8.self), seconds: Self.now() - started,
            leftCore: status & 0x80 != 0)
    }

    /// Reads the available output, waiting for some; false at the end of both streams.
    private func read() throws -> Bool {
        var polled = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        guard polled.contains(where: { $0.fd >= 0 }) else { return false }
        let left = deadline - Self.now()
        guard left > 0 else {
            killAll()
            throw HarnessError("\(words.joined(separator: " ")) did not end within \(limit) s")
        }
        guard poll(&polled, nfds_t(polled.count), Int32(min(left, 3600) * 1000) + 1) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        for index in polled.indices where polled[index].revents != 0 {
            let count = Glibc.read(streams[index].descriptor, &buffer, buffer.count)
            if count > 0 {
                streams[index].bytes += buffer[..<count]
            } else if count == 0 || errno != EINTR {
                close(streams[index].descriptor)
                streams[index].descriptor = -1
            }
        }
        return true
    }

    private func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    /// Seconds on a monotonic clock.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
