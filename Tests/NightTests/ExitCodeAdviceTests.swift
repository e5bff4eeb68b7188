import Alerts
import BatchFormat
import Fault
import Night
import TestBatches
import Testing

/// What the summary says of each code.
struct ExitCodeAdviceTests {
    private static let kinds: [Fault.Kind] = [
        .heldBack, .usage, .damaged, .missing, .unavailable, .defect, .disk, .retryLater, .denied, .configuration,
        .interrupted, .terminated,
    ]

    @Test(arguments: [0] + kinds.map(\.exitCode)) func `every code has words of its own`(_ code: Int32) {
        let advice = ExitCodeAdvice(code)
        #expect(advice != ExitCodeAdvice(99))
        #expect(!advice.meaning.isEmpty && !advice.remedy.isEmpty)
        #expect(advice.isRetried == [69, 75].contains(code))
    }

    @Test func `a full disk_budget is not cron's to mend`() {
        #expect(ExitCodeAdvice(75).meaning.contains("disk_budget"))
        #expect(ExitCodeAdvice(75).remedy.contains("nocturne stream"))
    }

    @Test func `a code that is none of ours says so`() {
        #expect(ExitCodeAdvice(1).meaning.contains("no code"))
        #expect(ExitCodeAdvice(129).meaning.contains("no code"), "SIGHUP")
    }

    @Test func `killed and crashed are told apart`() {
        #expect(ExitCodeAdvice(137).meaning.contains("want of memory") && ExitCodeAdvice(137).remedy.contains("dmesg"))
        #expect(ExitCodeAdvice(139).meaning == "the tool crashed (SIGSEGV)")
        #expect(ExitCodeAdvice(139).remedy.contains("report"))
    }

    @Test func `a night that made something is told from one that had nothing to make`() {
        #expect(ExitCodeAdvice(0, made: 0).remedy == "nothing was to be made")
        #expect(ExitCodeAdvice(0, made: 1).meaning == "every stage is sealed and current, 1 stage made anew")
        #expect(ExitCodeAdvice(0, made: 5).meaning.hasSuffix("5 stages made anew"))
        #expect(ExitCodeAdvice(74, made: 3) == ExitCodeAdvice(74))
    }

    @Test func `a pin is no gate`() throws {
        let night = try TestNight()
        try night.batch.run("clean", [[TestItem("a")]])
        try night.batch.folder("clean").setPinned(1)
        try night.batch.run("clean", [[TestItem("a"), TestItem("b")]])
        let advice = ExitCodeAdvice(10, of: try night.figures("clean"))
        #expect(advice.meaning == "sealed, but current is pinned by hand to v1")
        #expect(advice.remedy.contains("'batches use … clean --unpin'"))
        let alert = try #require(night.rules().failure(of: try night.figures("clean"), name: "clean", code: 10))
        #expect(alert.message.contains("pinned by hand to v1") && !alert.message.contains("gate"))
        // Where a gate fails beside the pin, the gate is what is to be seen to.
        try night.batch.folder("clean").setHeld(2)
        #expect(ExitCodeAdvice(10, of: try night.figures("clean")) == ExitCodeAdvice(10))
    }
}
