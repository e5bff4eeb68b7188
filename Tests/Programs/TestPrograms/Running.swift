public import Glibc

/// A program that has been started. Whoever starts one finishes it.
public final class Running {
    /// Its process, which leads a group of its own.
    public let pid: pid_t
    private let words: [String]
    private let owner: (any Sendable)?
    private let started = Running.now()
    /// How long it may run, and the moment until which it may.
    private var (limit, deadline): (Double, Double)
    private var input: Int32
    private var streams: [(descriptor: Int32, bytes: [UInt8])]
    private var ended = false

    /// - Parameters:
    ///   - input: our end of standard input; −1: none.
    ///   - out: our end of standard output; −1: none.
    ///   - err: our end of standard error; −1: none.
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

    /// Lets an input that was ``Input/held`` come to its end.
    public func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Sends a signal to the program alone.
    public func signal(_ number: Int32) { Glibc.kill(pid, number) }

    /// Kills the program and everything it has started.
    public func killAll() { Glibc.kill(-pid, SIGKILL) }

    /// Waits until the program is stopped, as by `NOCTURNE_FAULT=…:STOP`; false if it ended instead.
    public func waitsUntilStopped() throws -> Bool {
        var information = siginfo_t()
        while Self.now() < deadline {
            // Only looks: an end is left for ``finish()`` to take.
            let flags = WSTOPPED | WEXITED | WNOWAIT | WNOHANG
            if waitid(P_PID, id_t(pid), &information, flags) == 0, information.si_signo == SIGCHLD {
                return information.si_code == Int32(CLD_STOPPED)
            }
            usleep(2000)
        }
        throw HarnessError("\(words.joined(separator: " ")) was not stopped within \(limit) s")
    }

    /// The processes that the program has started and that still are, their children included.
    public func descendants() throws -> [pid_t] { try ProcessTable.descendants(of: pid) }

    /// Reads on until standard error holds a text; false if the program ended before it did.
    public func waits(for text: String) throws -> Bool {
        let wanted = Array(text.utf8)
        while !contains(streams[1].bytes, wanted) {
            guard try read() else { return false }
        }
        return true
    }

    /// Reads on until there is a line on standard output; `nil` if the program ended before there was one.
    public func firstLine() throws -> String? {
        while !streams[0].bytes.contains(UInt8(ascii: "\n")) {
            guard try read() else { return nil }
        }
        return String(decoding: streams[0].bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Drains both streams to their ends, and only then waits for the program: a full pipe would stop it for ever.
    ///
    /// - Parameter seconds: how long that may take from now on; unless it is given, the program's own limit holds.
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

    /// Reads what there is, waiting for something; false once both streams are at their ends.
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

    /// The time of a clock that only goes forward, in seconds.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
