import Synchronization
import Testing
import Workers

@Suite struct WorkerThreadTests {
    @Test func joiningWaitsForTheEnd() {
        let done = Atomic<Int>(0)
        let threads = (0..<4).map { _ in
            WorkerThread {
                for _ in 0..<1000 { done.add(1, ordering: .relaxed) }
            }
        }
        for thread in threads { thread.join() }
        #expect(done.load(ordering: .relaxed) == 4000)
    }

    @Test func aClosureIsLetGoOfWhenItHasRun() {
        final class Canary: Sendable {}
        var canary: Canary? = Canary()
        weak let watched = canary
        if let held = canary { WorkerThread { withExtendedLifetime(held) {} }.join() }
        canary = nil
        #expect(watched == nil)
    }
}
