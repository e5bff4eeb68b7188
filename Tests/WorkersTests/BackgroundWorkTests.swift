import Synchronization
import Testing
import Workers

private struct Refusal: Error, Equatable {}

@Suite struct BackgroundWorkTests {
    @Test func `the result of background work is waited for`() {
        let gate = ConditionLocked(false)
        let work = BackgroundWork<Int, Never> {
            gate.wait { $0 ? () : nil }
            return 7
        }
        gate.change { $0 = true }
        #expect(work.result() == 7)
        // A second call returns the same.
        #expect(work.result() == 7)
    }

    @Test func `an error of background work is thrown where it is waited for`() {
        let work = BackgroundWork<Int, Refusal> { () throws(Refusal) in throw Refusal() }
        #expect(throws: Refusal()) { try work.result() }
    }

    @Test func `background work does not outlive its owners`() {
        for _ in 0..<20 {
            let ended = Counter()
            var work: BackgroundWork<Void, Never>? = BackgroundWork {
                for _ in 0..<1000 { ended.add(0) }
                ended.add()
            }
            #expect(work != nil)
            work = nil
            #expect(ended.value == 1)
        }
    }
}
