import Testing
import Workers

@Suite struct ConditionLockedTests {
    @Test func `changes from many threads are all seen`() {
        let count = ConditionLocked(0)
        let threads = (0..<8).map { _ in
            WorkerThread { for _ in 0..<1000 { count.change { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(count.wait { $0 } == 8000)
    }

    @Test func `a change wakes those who wait for it`() {
        let state = ConditionLocked([Int]())
        let thread = WorkerThread {
            for number in 1...3 {
                state.change { $0.append(number) }
                // Continues when the other side has taken it.
                state.wait { $0.isEmpty ? () : nil }
            }
        }
        var taken: [Int] = []
        while taken.count < 3 { taken.append(state.wait { $0.popLast() }) }
        thread.join()
        #expect(taken == [1, 2, 3])
    }
}
