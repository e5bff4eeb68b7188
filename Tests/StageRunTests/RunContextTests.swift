import StageRun
import Synchronization
import Testing

private final class Progress: ProgressReporting {
    let calls = Mutex<[[Int]]>([])
    func update(done: Int, of total: Int) { calls.withLock { $0.append([done, total]) } }
}

@Suite struct RunContextTests {
    @Test func `progress counts items`() {
        let progress = Progress()
        let context = RunContext(jobs: 3, events: EventLog(), progress: progress)
        context.expect(5)
        context.advance()
        context.advance(by: 4)
        // More than expected does not look like more than all.
        context.advance()
        #expect(progress.calls.withLock { $0 } == [[1, 5], [5, 5], [6, 6]])
        #expect(context.jobs == 3)
    }
}
