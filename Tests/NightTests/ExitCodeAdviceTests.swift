import Alerts
import BatchFormat
import Fault
import Night
import TestBatches
import Testing

/// The summary's advice for each code.
struct ExitCodeAdviceTests {
    @Test(arguments: ToolExit.all.filter { !$0.isDone }) func `a failure's advice is that of its code`(
        _ status: ToolExit
    ) {
        let advice = ExitCodeAdvice(status)
        #expect(advice.meaning == status.meaning && advice.remedy == status.remedy)
        #expect(ExitCodeAdvice(status, made: 3) == advice)
    }

    @Test func `a night that made something is told from one that had nothing to make`() {
        #expect(ExitCodeAdvice(.done, made: 0).remedy == "nothing needed to be made")
        #expect(ExitCodeAdvice(.done, made: 1).meaning == "every stage is sealed and current, 1 stage was made")
        #expect(ExitCodeAdvice(.done, made: 5).meaning.hasSuffix("5 stages were made"))
    }

    @Test func `a pin is not a gate`() throws {
        let held = ToolExit(.heldBack)
        let night = try TestNight()
        try night.batch.run("clean", [[TestItem("a")]])
        try night.batch.folder("clean").setPinned(1)
        try night.batch.run("clean", [[TestItem("a"), TestItem("b")]])
        let advice = ExitCodeAdvice(held, of: try night.figures("clean"))
        #expect(
            advice.meaning
                == "v2 of clean waits, because current is pinned by hand to v1, which the stages after it read")
        #expect(advice.remedy.contains("'batches use … clean --unpin'"))
        let ending = night.ending("clean", .heldBack, "v2 is sealed, but current is pinned to v1 by hand")
        let alert = try #require(night.rules().failure(ending, of: night.figures("clean")))
        #expect(
            alert.message.contains("pinned to v1 by hand") && alert.message.contains("'batches use … clean --unpin'"))
        #expect(!alert.message.contains("gate"))
        // If a gate fails as well as the pin, the gate is what needs attention.
        try night.batch.folder("clean").setHeld(2)
        #expect(ExitCodeAdvice(held, of: try night.figures("clean")) == ExitCodeAdvice(held))
    }
}
