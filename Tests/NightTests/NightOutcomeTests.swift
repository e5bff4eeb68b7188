import BatchFormat
import Fault
import Night
import Testing

/// Which stage a failed night goes back to, whatever order the ends were noticed in.
struct NightOutcomeTests {
    private static let stages = ["fetch", "clean", "featurize", "infer", "store"]

    /// Endings by code, and the stage that each blames.
    private func endings(_ codes: [String: Int32], because: [String: String] = [:]) -> [StageEnding] {
        codes.map { stage, code in
            StageEnding(
                stage: stage, tool: stage, status: ToolExit(code: code), message: "\(stage) says \(code)", time: 0,
                because: because[stage])
        }
    }

    /// The outcome, after checking that it is the same for every order of the endings.
    private func outcome(_ codes: [String: Int32], because: [String: String] = [:]) -> NightOutcome {
        let all = endings(codes, because: because)
        let first = NightOutcome(all, order: Self.stages)
        for order in all.permutations {
            let other = NightOutcome(order, order: Self.stages)
            #expect(other == first && other.cause == first.cause && other.consequences == first.consequences)
        }
        return first
    }

    @Test func `a night whose stages all ended well has no cause`() {
        let well = outcome(["fetch": 0, "clean": 0, "featurize": 0, "infer": 0, "store": 0])
        #expect(well.isDone && well.status == .done && well.cause == nil && well.consequences.isEmpty)
    }

    @Test func `a stage that is held back is the cause, its followers are consequences`() {
        let held = outcome(
            ["fetch": 0, "clean": 10, "featurize": 10, "infer": 75, "store": 143],
            because: ["featurize": "clean", "infer": "featurize", "store": "clean"])
        #expect(held.cause?.stage == "clean" && held.status.code == 10)
        #expect(held.consequences.map(\.stage) == ["featurize", "infer", "store"])
        #expect(held.failures.map(\.stage) == ["clean"])
    }

    @Test func `a stage that was stopped for another one's sake is not the cause`() {
        let failed = outcome(
            ["fetch": 143, "clean": 75, "featurize": 143, "infer": 78, "store": 75],
            because: ["fetch": "infer", "clean": "fetch", "featurize": "infer", "store": "infer"])
        #expect(failed.cause?.stage == "infer" && failed.status.code == 78)
        #expect(failed.failures.count == 1)
    }

    @Test func `of two that failed by themselves the one furthest upstream is the cause`() {
        let both = outcome(["fetch": 0, "clean": 65, "featurize": 75, "infer": 78], because: ["featurize": "clean"])
        #expect(both.cause?.stage == "clean")
        #expect(both.failures.map(\.stage) == ["clean", "infer"])
    }

    @Test func `a lock that a stage met is its own failure`() {
        #expect(
            outcome(["fetch": 143, "clean": 75, "featurize": 75], because: ["fetch": "clean"]).cause?.stage == "clean")
        #expect(outcome(["fetch": 75, "clean": 75], because: ["clean": "fetch"]).cause?.stage == "fetch")
    }

    @Test func `a writer that was killed is the cause, not the follower that noticed`() {
        let killed = outcome(["fetch": 137, "clean": 75], because: ["clean": "fetch"])
        #expect(killed.cause?.stage == "fetch" && killed.status == .killed)
    }

    @Test func `a stop counts only where nothing failed by itself`() {
        #expect(outcome(["fetch": 143, "clean": 75], because: ["clean": "fetch"]).status.code == 143)
        #expect(outcome(["fetch": 143, "clean": 0]).cause?.stage == "fetch")
        let failed = outcome(["fetch": 143, "clean": 69])
        #expect(failed.cause?.stage == "clean" && failed.status.code == 69)
    }

    @Test func `a stage that blames one which ended well has only itself to blame`() {
        let own = outcome(["fetch": 0, "clean": 75], because: ["clean": "fetch"])
        #expect(own.cause?.stage == "clean" && own.consequences.isEmpty)
        #expect(outcome(["clean": 66], because: ["clean": "fetch"]).cause?.stage == "clean")
    }

    @Test func `the signal that stopped the night is its code, unless a stage failed`() {
        let interrupted = ToolExit(.interrupted)
        let stopped = NightOutcome(endings(["fetch": 143]), order: Self.stages, stopped: interrupted)
        #expect(stopped.status == interrupted && !stopped.isDone)
        #expect(NightOutcome([], order: Self.stages, stopped: interrupted).status == interrupted)
        #expect(NightOutcome(endings(["clean": 78]), order: Self.stages, stopped: interrupted).status.code == 78)
    }
}

extension Array {
    /// Every order of the elements.
    fileprivate var permutations: [[Element]] {
        if count < 2 { return [self] }
        return indices.flatMap { first in
            var rest = self
            let element = rest.remove(at: first)
            return rest.permutations.map { [element] + $0 }
        }
    }
}
