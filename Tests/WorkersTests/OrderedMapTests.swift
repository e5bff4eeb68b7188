import Synchronization
import Testing
import Workers

private struct Refusal: Error, Equatable { let index: Int }

@Suite struct OrderedMapTests {
    @Test(arguments: [(0, 4, 4), (1, 4, 1), (7, 1, 1), (100, 3, 4), (100, 8, 2), (1000, 4, 64)])
    func `results come in order whatever the workers do`(_ count: Int, _ jobs: Int, _ window: Int) {
        var seen: [Int] = []
        Workers.orderedMap(count: count, jobs: jobs, window: window) { index, _ in
            // Work of uneven length, so that the workers overtake each other.
            var sum = 0
            for step in 0..<((index * 7919) % 13) * 200 { sum &+= step }
            return index &+ (sum == -1 ? 1 : 0)
        } consume: { index, value in
            #expect(index == value)
            seen.append(value)
        }
        #expect(seen == Array(0..<count))
    }

    @Test func `never more than the window is in progress`() {
        let started = Counter()
        var (consumed, most) = (0, 0)
        Workers.orderedMap(count: 300, jobs: 4, window: 6) { index, _ in
            started.add()
            return index
        } consume: { _, _ in
            // At most what was consumed before this plus one window has started.
            most = max(most, started.value - consumed)
            consumed += 1
        }
        #expect(started.value == 300)
        #expect(most <= 7)
    }

    @Test func `every worker has a number of its own`() {
        let busy = Mutex<Set<Int>>([])
        let clashes = Counter()
        Workers.orderedMap(count: 200, jobs: 4, window: 8) { _, worker in
            let alone = busy.withLock { $0.insert(worker).inserted }
            if !alone || !(0..<4).contains(worker) { clashes.add() }
            busy.withLock { _ = $0.remove(worker) }
        } consume: { _, _ in
        }
        #expect(clashes.value == 0)
    }

    @Test(arguments: [1, 4])
    func `the earliest error of the work is thrown after what came before`(_ jobs: Int) {
        var consumed: [Int] = []
        #expect(throws: Refusal(index: 20)) {
            try Workers.orderedMap(count: 100, jobs: jobs, window: 8) { (index, _) throws(Refusal) -> Int in
                if index >= 20 { throw Refusal(index: index) }
                return index
            } consume: { (index, _) throws(Refusal) in
                consumed.append(index)
            }
        }
        #expect(consumed == Array(0..<20))
    }

    @Test(arguments: [1, 4])
    func `an error of the consumer stops the work`(_ jobs: Int) {
        let done = Counter()
        #expect(throws: Refusal(index: 5)) {
            try Workers.orderedMap(count: 10_000, jobs: jobs, window: 8) { (index, _) throws(Refusal) -> Int in
                done.add()
                return index
            } consume: { (index, _) throws(Refusal) in
                if index == 5 { throw Refusal(index: index) }
            }
        }
        #expect(done.value <= 6 + 8)
    }
}
