import Fault
import Night
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
    }
}
