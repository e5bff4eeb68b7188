import BatchFormat
import Digests
import Fault
import JSON
import StageRun
import TestBatches
import Testing

@Suite struct StageOutcomeTests {
    @Test func `the summary says what the seal says`() throws {
        let batch = try TestBatch()
        let run = try batch.run("clean", [[TestItem("a"), .rejected("b", "silent")]])
        let summary = JSON.object(run.outcome.summary)
        #expect(summary["path"]?.string == batch.path("clean"))
        #expect(summary["status"] == "current" && summary["reason"] == nil)
        #expect(summary["parts_made"] == 1 && summary["parts_reused"] == 0)
        #expect(summary["items_in"] == 2 && summary["items"] == 1 && summary["rejected"] == 1)
        #expect(summary["rejected_by_reason"] == ["silent": 1])
        #expect(summary["bytes"]?.int == run.outcome.seal?.bytes)
        #expect(summary["fingerprint"]?.string == run.outcome.seal?.fingerprint.hex)
    }

    @Test func `a held version is a fault that says what to do`() {
        let outcome = StageOutcome(path: "/r/v2", seal: nil, status: .heldBack("too few"), made: 1, linked: 2)
        #expect(outcome.fault?.kind == .heldBack)
        #expect(outcome.fault?.message.hasPrefix("'/r/v2' is sealed but held back from current: too few; ") == true)
        #expect(
            JSON.object(outcome.summary).text(.line)
                == #"{"path": "/r/v2", "status": "held_back", "reason": "too few", "parts_made": 1, "parts_reused": 2}"#
        )
    }

    @Test func `a pin is a fault that names it and how to remove it`() throws {
        let seal = try #require(TestBatch().run("clean", [[TestItem("a")]]).outcome.seal)
        let outcome = StageOutcome(path: "/r/v2", seal: seal, status: .pinned(to: 1), made: 1, linked: 2)
        let fault = try #require(outcome.fault)
        #expect(fault.kind == .heldBack)
        let stage = "\(TestBatch.pipeline) \(TestBatch.batch) clean"
        for words in ["pinned to v1", "'batches use \(stage) v2'", "'batches use \(stage) --unpin'"] {
            #expect(fault.message.contains(words), "\(fault.message)")
        }
        #expect(!fault.message.contains("gate") && !fault.message.contains("fix the cause"))
        #expect(outcome.summary["status"] == "held_back")
        #expect(outcome.summary["reason"] == "current is pinned to v1 by hand")
    }

    @Test func `only a held version is a fault`() {
        for (status, name) in [(StageOutcome.Status.current, "current"), (.apart, "apart"), (.dryRun, "dry_run")] {
            let outcome = StageOutcome(path: "/r/v2", seal: nil, status: status, made: 0, linked: 0)
            #expect(outcome.fault == nil)
            #expect(outcome.summary["status"] == .string(name))
        }
    }
}
