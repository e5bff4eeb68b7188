import Testing
import Workers

@Suite struct WorkerThreadTests {
    @Test func `joining waits for the end`() {
        let done = Counter()
        let threads = (0..<4).map { _ in
            WorkerThread {
                for _ in 0..<1000 { done.add() }
            }
        }
        for thread in threads { thread.join() }
        #expect(done.value == 4000)
    }

    @Test func `a closure is released once it has run`() {
        final class Canary: Sendable {}
        var canary: Canary? = Canary()
        weak let watched = canary
        if let held = canary { WorkerThread { withExtendedLifetime(held) {} }.join() }
        canary = nil
        #expect(watched == nil)
    }
}
