import BatchFormat
import Durable
import Fault
import Foundation
import JSON
import StageRun
import TestBatches
import Testing

/// Which version a run ends with, and which of its parts are made.
@Suite struct VersionRunTests {
    private let batch: TestBatch
    private let parts = [[TestItem("a"), TestItem("b")], [TestItem("c"), .rejected("d", "silent")], [TestItem("e")]]

    init() throws { batch = try TestBatch() }

    private func inode(_ version: Int, _ name: String) throws -> Int {
        let path = "\(batch.path("clean", version))/\(name)"
        return try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }

    @Test func `the first run makes everything`() throws {
        let run = try batch.run("clean", parts)
        #expect(run.outcome.path == batch.path("clean"))
        #expect(run.outcome.status == .current && run.outcome.fault == nil)
        #expect(run.made == [0, 1, 2] && run.outcome.made == 3 && run.outcome.linked == 0)
        #expect(run.outcome.seal?.items == 4 && run.outcome.seal?.rejected == 1)
        #expect(try batch.folder("clean").current() == 1)
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
        #expect(
            run.events.map(\.name) == [
                "run_started", "part_sealed", "part_sealed", "part_sealed", "version_sealed", "current_switched",
            ])
    }

    @Test func `the same plan is the same version`() throws {
        try batch.run("clean", parts)
        let before = try AtomicFile.read("\(batch.path("clean"))/events.jsonl")
        let run = try batch.run("clean", parts) { $0.making = { (_) throws(Fault) in throw Fault(.defect, "made") } }
        #expect(run.outcome.path == batch.path("clean") && run.outcome.status == .current)
        #expect(run.made.isEmpty && run.outcome.made == 0 && run.outcome.linked == 0)
        #expect(try batch.folder("clean").versions() == [1])
        #expect(try AtomicFile.read("\(batch.path("clean"))/events.jsonl") == before)
    }

    @Test func `a changed part makes the next version, and the others are linked`() throws {
        try batch.run("clean", parts)
        var changed = parts
        changed[1][0].output = ["seconds": 2]
        let run = try batch.run("clean", changed + [[TestItem("f")]])
        #expect(run.outcome.path == batch.path("clean", 2))
        #expect(run.made == [1, 3] && run.outcome.linked == 2)
        for name in ["part-00000/items.jsonl", "part-00000/part.json", "part-00002/items.jsonl"] {
            #expect(try inode(1, name) == inode(2, name))
        }
        #expect(try inode(1, "part-00001/items.jsonl") != inode(2, "part-00001/items.jsonl"))
        for version in 1...2 { #expect(try Verification.verify(version: batch.path("clean", version)).damages.isEmpty) }
        #expect(try batch.folder("clean").current() == 2)
    }

    @Test func `going back returns to the old version`() throws {
        try batch.run("clean", parts)
        try batch.run("clean", parts) { $0.config = ["sample_rate": 8000] }
        #expect(try batch.folder("clean").current() == 2)
        let run = try batch.run("clean", parts)
        #expect(run.outcome.path == batch.path("clean") && run.made.isEmpty)
        #expect(try batch.folder("clean").current() == 1)
    }

    @Test(arguments: ["config", "revision", "tool", "model"])
    func `whatever changes bytes makes every part again`(_ what: String) throws {
        try batch.run("clean", parts)
        let run = try batch.run("clean", parts) { recipe in
            switch what {
            case "config": recipe.config = ["sample_rate": 8000]
            case "revision": recipe.revision = 2
            case "tool": recipe.tool = "infer"
            default: recipe.model = ["digest": "00"]
            }
        }
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [0, 1, 2])
    }

    @Test func `moved parts keep their content`() throws {
        try batch.run("clean", parts)
        let run = try batch.run("clean", [parts[2], parts[0]])
        #expect(run.made.isEmpty && run.outcome.linked == 2)
        #expect(try inode(1, "part-00002/items.jsonl") == inode(2, "part-00000/items.jsonl"))
        #expect(try Verification.verify(version: batch.path("clean", 2)).damages.isEmpty)
    }

    @Test func `force makes everything again under the next number`() throws {
        try batch.run("clean", parts)
        let run = try batch.run("clean", parts) { $0.request = { $0.force = true } }
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [0, 1, 2])
        #expect(try inode(1, "part-00000/items.jsonl") != inode(2, "part-00000/items.jsonl"))
        #expect(try batch.contents("clean", 1) == batch.contents("clean", 2))
        #expect(try batch.folder("clean").current() == 2)
        // Both have the same content; the current one is the answer.
        #expect(try batch.run("clean", parts).outcome.path == batch.path("clean", 2))
    }

    @Test func `a killed run is continued`() throws {
        let fault = #expect(throws: Fault.self) {
            try batch.run("clean", parts) {
                $0.making = { (index) throws(Fault) in if index == 2 { throw Fault(.terminated, "stopped") } }
            }
        }
        #expect(fault?.kind == .terminated)
        #expect(try batch.folder("clean").current() == nil)
        try Folders.makeAll("\(batch.path("clean"))/.tmp-part-00002/objects")
        let run = try batch.run("clean", parts)
        #expect(run.outcome.path == batch.path("clean") && run.made == [2] && run.outcome.linked == 0)
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
        let other = try TestBatch()
        try other.run("clean", parts)
        #expect(try other.contents("clean", 1) == batch.contents("clean", 1))
    }

    private func die(atPart at: Int, _ change: (inout TestBatch.Recipe) -> Void = { _ in }) {
        #expect(throws: Fault.self) {
            try batch.run("clean", parts) {
                change(&$0)
                $0.making = { (index) throws(Fault) in if index == at { throw Fault(.disk, "full") } }
            }
        }
    }

    @Test func `another plan does not continue a killed run, but takes its parts`() throws {
        die(atPart: 2)
        var changed = parts
        changed[1][0].output = ["seconds": 2]
        let run = try batch.run("clean", changed)
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [1, 2] && run.outcome.linked == 1)
        #expect(try batch.folder("clean").versions() == [1, 2])
        #expect(try !batch.folder("clean").isSealed(1))
    }

    @Test func `an unsealed version whose manifest cannot be read is skipped`() throws {
        die(atPart: 2)
        try Damaging.flip("\(batch.path("clean"))/run.json", at: 30)
        let run = try batch.run("clean", parts)
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [2] && run.outcome.linked == 2)
        try Folders.remove(batch.path("clean"))
        #expect(try Verification.verify(version: batch.path("clean", 2)).damages.isEmpty)
    }

    @Test func `a forced run continues nothing`() throws {
        die(atPart: 2)
        let run = try batch.run("clean", parts) { $0.request = { $0.force = true } }
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [0, 1, 2])
    }

    @Test func `a version without parts is a version`() throws {
        let run = try batch.run("clean", [])
        #expect(run.outcome.status == .current && run.outcome.seal?.itemsIn == 0)
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
        #expect(try batch.run("clean", []).outcome.path == batch.path("clean"))
    }

    @Test func `nothing is written before the preparations succeed`() throws {
        let run = try VersionRun(
            folder: batch.folder("clean"), request: batch.request(), context: RunContext(jobs: 1, events: EventLog()))
        #expect(throws: Fault.self) {
            try run.execute(
                TestWork(batch.plan("clean", parts)) { () throws(Fault) in
                    throw Fault(.configuration, "no such model")
                } making: { (_, _) throws(Fault) in
                    throw Fault(.defect, "made anyway")
                })
        }
        #expect(try batch.folder("clean").versions().isEmpty)
    }

    @Test func `a second run is refused while one is in progress`() throws {
        let lock = try batch.folder("clean").lock()
        for selection in [PartSelection.all, .shard(index: 1, count: 2)] {
            let fault = #expect(throws: Fault.self) {
                try batch.run("clean", parts) { $0.request = { $0.parts = selection } }
            }
            #expect(fault?.kind == .retryLater)
        }
        lock.release()
        try batch.run("clean", parts)
    }
}
