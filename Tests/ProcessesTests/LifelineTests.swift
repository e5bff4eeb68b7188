import Glibc
import Processes
import Testing

/// How a program is notified that we have let go of it.
@Suite struct LifelineTests {
    /// A shell that reads its end of the line until it is closed, like a tool that watches it.
    private func start(_ lifeline: Lifeline) throws -> pid_t {
        let (pid, error) = ChildStart.start(
            ["sh", "-c", #"[ "$NOCTURNE_LIFELINE" = 3 ] && cat <&3 && exit 7"#], lifeline: lifeline)
        try #require(error == 0)
        return pid
    }

    private func exitCode(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status >> 8
    }

    @Test func `only its own child notices when a lifeline is released`() throws {
        let (first, second) = (try #require(Lifeline()), try #require(Lifeline()))
        // The second is started while we hold the first's line, and must not have inherited it.
        let children = (try start(first), try start(second))
        first.letGo()
        #expect(exitCode(children.0) == 7)
        var status: Int32 = 0
        #expect(waitpid(children.1, &status, WNOHANG) == 0, "the other child has heard nothing")
        second.letGo()
        #expect(exitCode(children.1) == 7)
    }

    @Test func `a line that nobody holds any more is released`() throws {
        var lifeline = Lifeline()
        let child = try start(#require(lifeline))
        lifeline = nil
        #expect(exitCode(child) == 7)
    }

    @Test func `our own variables are what children get`() {
        setenv("NOCTURNE_TEST_LIFELINE", "a=b", 1)
        #expect(ChildStart.variables().contains("NOCTURNE_TEST_LIFELINE=a=b"))
        #expect(!ChildStart.variables(without: ["NOCTURNE_TEST_LIFELINE"]).contains { $0.contains("TEST_LIFELINE") })
        #expect(ChildStart.variables(without: ["NOCTURNE_TEST"]).contains("NOCTURNE_TEST_LIFELINE=a=b"))
    }

    @Test func `a process that nobody tied to itself has no lifeline`() {
        #expect(InheritedLifeline() == nil)
    }

    @Test func `an inherited line ends when its holder lets go`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let line = try #require(InheritedLifeline(descriptor: ends[1]))
        #expect(!line.hasEnded)
        close(ends[0])
        line.waitForEnd()
        #expect(line.hasEnded)
    }

    @Test func `a number that is not a socket's is not a lifeline`() throws {
        let file = open("/dev/null", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        #expect(InheritedLifeline(descriptor: file) == nil)
        #expect(InheritedLifeline(descriptor: -1) == nil)
    }
}
