import InferStage
import Models
import Testing

@Suite struct BatchPlannerTests {
    /// Reproducible pseudo-random numbers.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// Four hundred parts of all kinds, with limits of all kinds.
    private static let cases = (0..<400).map { seed -> (lengths: [Int], limits: BatchLimits) in
        var dice = Dice(state: UInt64(seed))
        let longest = [3, 40, 3000].randomElement(using: &dice) ?? 40
        let lengths = (0..<Int.random(in: 0...60, using: &dice)).map { _ in Int.random(in: 1...longest, using: &dice) }
        let limits = BatchLimits(
            items: Int.random(in: 1...20, using: &dice), frames: Int.random(in: 1...6000, using: &dice),
            grid: Int.random(in: 1...64, using: &dice))
        return (lengths, limits)
    }

    @Test func `every item is in one batch, longest first`() {
        for (lengths, limits) in Self.cases {
            for padding in [ModelInput.Padding.masked, .exact] {
                let batches = BatchPlanner(limits: limits, padding: padding).plan(lengths: lengths)
                #expect(batches.flatMap(\.items).sorted() == Array(lengths.indices))
                let order = batches.flatMap(\.items).map { lengths[$0] }
                #expect(order == order.sorted(by: >))
            }
        }
    }

    @Test func `both limits hold, except for an item that is too long alone`() {
        for (lengths, limits) in Self.cases {
            for padding in [ModelInput.Padding.masked, .exact] {
                for batch in BatchPlanner(limits: limits, padding: padding).plan(lengths: lengths) {
                    #expect(batch.items.count <= limits.items)
                    #expect(batch.items.count * batch.length <= limits.frames || batch.items.count == 1)
                }
            }
        }
    }

    @Test func `padding goes up to the grid and no further`() {
        for (lengths, limits) in Self.cases {
            for batch in BatchPlanner(limits: limits, padding: .masked).plan(lengths: lengths) {
                let longest = batch.items.map { lengths[$0] }.max() ?? 0
                #expect(batch.length % limits.grid == 0)
                #expect(batch.length >= longest)
                #expect(batch.length < longest + limits.grid)
            }
        }
    }

    @Test func `exact batches hold one length and no padding`() {
        for (lengths, limits) in Self.cases {
            for batch in BatchPlanner(limits: limits, padding: .exact).plan(lengths: lengths) {
                #expect(batch.items.allSatisfy { lengths[$0] == batch.length })
            }
        }
    }

    @Test func `no other cut costs less`() {
        for (lengths, limits) in Self.cases where (1...10).contains(lengths.count) {
            let planner = BatchPlanner(limits: limits, padding: .masked)
            let sorted = lengths.sorted(by: >)
            // Every way to cut the sorted lengths: bit k says that a batch ends after item k.
            let costs = (0..<1 << (sorted.count - 1)).compactMap { cuts -> Int? in
                let ends = sorted.indices.filter { cuts >> $0 & 1 == 1 || $0 == sorted.count - 1 }
                var (cost, start) = (0, 0)
                for end in ends {
                    let (count, length) = (end + 1 - start, planner.paddedLength(of: sorted[start]))
                    guard count == 1 || count <= limits.items && count * length <= limits.frames else { return nil }
                    cost += limits.framesPerPass + count * length
                    start = end + 1
                }
                return cost
            }
            let planned = planner.plan(lengths: lengths)
                .map { limits.framesPerPass + $0.items.count * $0.length }.reduce(0, +)
            #expect(planned == costs.min())
        }
    }

    @Test func `similar lengths share a batch, and different ones do not`() {
        let limits = BatchLimits(items: 16, frames: 16000, grid: 1, framesPerPass: 256)
        let batches = BatchPlanner(limits: limits, padding: .masked).plan(lengths: [400, 1000, 410, 990, 100])
        // 300 frames of padding would cost more than a pass, 10 do not.
        #expect(
            batches == [
                PlannedBatch(items: [1, 3], length: 1000), PlannedBatch(items: [2, 0], length: 410),
                PlannedBatch(items: [4], length: 100),
            ])
    }

    @Test func `equal lengths keep the part's order`() {
        let limits = BatchLimits(items: 2, frames: 1000, grid: 1)
        let batches = BatchPlanner(limits: limits, padding: .exact).plan(lengths: [5, 7, 5, 7, 5])
        #expect(
            batches == [
                PlannedBatch(items: [1, 3], length: 7), PlannedBatch(items: [0, 2], length: 5),
                PlannedBatch(items: [4], length: 5),
            ])
    }

    @Test func `limits scale to samples without overflow`() {
        let limits = BatchLimits(items: 16, frames: 16000, grid: 32).scaled(by: 160)
        #expect(limits == BatchLimits(items: 16, frames: 2_560_000, grid: 5120, framesPerPass: 40_960))
        #expect(BatchLimits(items: 1, frames: .max / 2, grid: 1).scaled(by: 160).frames == .max)
    }
}
