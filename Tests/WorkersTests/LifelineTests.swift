import Glibc
import Testing
import Workers

/// What tells a program that we have let go of it.
@Suite struct LifelineTests {
    /// A shell that reads its end of the line until there is no more to come, as a tool that watches it does.
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

    @Test func lettingGoIsHeardByThatChildAlone() throws {
        let (first, second) = (try #require(Lifeline()), try #require(Lifeline()))
        // The second is started while we hold the first's line: it must not have inherited that.
        let children = (try start(first), try start(second))
        first.letGo()
        #expect(exitCode(children.0) == 7)
        var status: Int32 = 0
        #expect(waitpid(children.1, &status, WNOHANG) == 0, "the other child has heard nothing")
        second.letGo()
        #expect(exitCode(children.1) == 7)
    }

    @Test func aLineThatNobodyHoldsAnyMoreIsLetGo() throws {
        var lifeline = Lifeline()
        let child = try start(#require(lifeline))
        lifeline = nil
        #expect(exitCode(child) == 7)
    }

    @Test func ourOwnVariablesAreWhatChildrenGet() {
        setenv("NOCTURNE_TEST_LIFELINE", "a=b", 1)
        #expect(ChildStart.variables().contains("NOCTURNE_TEST_LIFELINE=a=b"))
        #expect(!ChildStart.variables(without: ["NOCTURNE_TEST_LIFELINE"]).contains { $0.contains("TEST_LIFELINE") })
        #expect(ChildStart.variables(without: ["NOCTURNE_TEST"]).contains("NOCTURNE_TEST_LIFELINE=a=b"))
    }

    @Test func whoeverWasStartedByNobodyOfOursIsNotStopped() {
        #expect(Lifeline.watch { Issue.record("nobody has let go") })
    }
}
