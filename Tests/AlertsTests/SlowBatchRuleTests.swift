import Alerts
import Testing

/// Which batches are slow.
struct SlowBatchRuleTests {
    private func rule(_ factor: Double = 3, least: Double = 0, history: Int = 4, window: Int = 5) -> SlowBatchRule {
        SlowBatchRule(factor: factor, leastSeconds: least, leastHistory: history, window: window)
    }

    private func judged(_ rule: SlowBatchRule, _ batches: [(Int, Double)]) -> [Double?] {
        var rule = rule
        return batches.map { rule.judge(frames: $0.0, seconds: $0.1)?.factor }
    }

    @Test func `the first batches of a size are not judged`() {
        #expect(judged(rule(), [(100, 1), (100, 9), (100, 9), (100, 9), (100, 9)]) == [nil, nil, nil, nil, nil])
    }

    @Test func `more than the factor times the median is slow, exactly the factor is not`() {
        let steady = [(100, 1.0), (100, 1.0), (100, 1.0), (100, 1.0)]
        #expect(judged(rule(), steady + [(100, 3.0)]).last == .some(nil))
        #expect(judged(rule(), steady + [(100, 4.0)]).last == 4)
    }

    @Test func `a larger batch of its class may take longer in proportion`() {
        let steady = [(128, 1.0), (128, 1.0), (128, 1.0), (128, 1.0)]
        #expect(judged(rule(), steady + [(255, 3.5)]).last == .some(nil))
        #expect(judged(rule(), steady + [(256, 60.0)]).last == .some(nil), "another class has a history of its own")
    }

    @Test func `a batch that is short is never slow`() {
        let steady = [(100, 0.01), (100, 0.01), (100, 0.01), (100, 0.01)]
        #expect(judged(rule(least: 1), steady + [(100, 0.99)]).last == .some(nil))
        #expect(judged(rule(least: 1), steady + [(100, 1.0)]).last == 100)
    }

    @Test func `the median goes with the times`() {
        var rule = rule()
        for _ in 0..<10 { _ = rule.judge(frames: 64, seconds: 1) }
        let flagged = (0..<10).map { _ in rule.judge(frames: 64, seconds: 4) != nil }
        #expect(flagged == [true, true, true] + [Bool](repeating: false, count: 7))
    }

    @Test func `one slow batch does not move the median`() throws {
        var rule = rule()
        for _ in 0..<5 { _ = rule.judge(frames: 64, seconds: 1) }
        _ = rule.judge(frames: 64, seconds: 1000)
        let judged = rule.judge(frames: 64, seconds: 5)
        let found = try #require(judged)
        #expect(found.median == 1 && found.seconds == 5)
    }

    @Test(arguments: [(0, 1.0), (-5, 1.0), (100, -1.0), (100, .nan), (100, .infinity)] as [(Int, Double)])
    func `what is no batch is passed over`(frames: Int, seconds: Double) {
        var rule = rule()
        for _ in 0..<5 { _ = rule.judge(frames: 100, seconds: 1) }
        #expect(rule.judge(frames: frames, seconds: seconds) == nil)
        #expect(rule.judge(frames: 100, seconds: 4) != nil, "the history is unharmed")
    }

    @Test func `batches that took no time have no median to be compared with`() {
        #expect(judged(rule(), [(1, 0), (1, 0), (1, 0), (1, 0), (1, 5)]).allSatisfy { $0 == nil })
    }
}
