import BatchFormat
import Durable
import Fault
import JSON
import StageRun
import TestBatches
import Testing

/// Damage on disk does not spread, is not sealed again, and stops no run that does not need the damaged data.
@Suite struct DamageTests {
    private let batch: TestBatch
    private let parts = [[TestItem("a", samples: [1, 2])], [TestItem("b")]]
    private var more: [[TestItem]] { parts + [[TestItem("c")]] }

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", parts)
    }

    private func file(_ version: Int, _ name: String) -> String { "\(batch.path("clean", version))/\(name)" }

    private func expectWhole(_ version: Int) throws {
        #expect(try Verification.verify(version: batch.path("clean", version)).damages.isEmpty)
    }

    @Test(arguments: ["items.jsonl", "audio.safetensors", "part.json"])
    func `a damaged part is made again, not linked`(_ name: String) throws {
        try Damaging.flip(file(1, "part-00000/\(name)"), at: 50)
        let run = try batch.run("clean", more)
        #expect(run.made == [0, 2] && run.outcome.linked == 1)
        if name != "part.json" { #expect(run.events.contains { $0.name == "part_damaged" && $0.level == .warning }) }
        try expectWhole(2)
    }

    @Test(arguments: ["items.jsonl", "audio.safetensors", "part.json"])
    func `an incomplete part is made again, not linked`(_ name: String) throws {
        try Folders.remove(file(1, "part-00000/\(name)"))
        #expect(try batch.run("clean", more).made == [0, 2])
        try expectWhole(2)
    }

    @Test func `an older intact copy is taken instead`() throws {
        try batch.run("clean", parts) { $0.request = { $0.force = true } }
        try Damaging.flip(file(2, "part-00000/items.jsonl"), at: 5)
        let run = try batch.run("clean", more)
        #expect(run.made == [2] && run.outcome.linked == 2)
        try expectWhole(3)
    }

    @Test func `a damaged seal of an old version stops no run`() throws {
        try batch.run("clean", more)
        try Damaging.flip(file(1, "batch.json"), at: 50)
        let run = try batch.run("clean", more + [[TestItem("d")]])
        #expect(run.outcome.path == batch.path("clean", 3) && run.made == [3])
        #expect(run.events.filter { $0.name == "version_damaged" }.count == 1)
    }

    @Test func `a damaged current version is replaced`() throws {
        try Damaging.flip(file(1, "batch.json"), at: 50)
        let run = try batch.run("clean", parts)
        #expect(run.outcome.path == batch.path("clean", 2) && run.made.isEmpty && run.outcome.linked == 2)
        #expect(try batch.folder("clean").current() == 2)
        try expectWhole(2)
    }

    private func die() {
        #expect(throws: Fault.self) {
            try batch.run("clean", more) {
                $0.config = ["new": true]
                $0.making = { (index) throws(Fault) in if index == 2 { throw Fault(.disk, "full") } }
            }
        }
    }

    private func rerun() throws -> TestBatch.Run { try batch.run("clean", more) { $0.config = ["new": true] } }

    @Test(arguments: ["items.jsonl", "audio.safetensors", "part.json"])
    func `a killed run's damaged part is not sealed`(_ name: String) throws {
        die()
        try Damaging.flip(file(2, "part-00000/\(name)"), at: 50)
        let run = try rerun()
        #expect(run.outcome.path == batch.path("clean", 3) && run.made == [0, 2] && run.outcome.linked == 1)
        try expectWhole(3)
    }

    @Test func `a part folder without its seal is made again`() throws {
        die()
        try Folders.remove(file(2, "part-00001/part.json"))
        let run = try rerun()
        #expect(run.outcome.path == batch.path("clean", 2) && run.made == [1, 2])
        try expectWhole(2)
    }

    @Test func `an unsealed version with a part too many is skipped`() throws {
        die()
        let run = try batch.run("clean", [more[0]]) { $0.config = ["new": true] }
        #expect(run.outcome.path == batch.path("clean", 3) && run.outcome.linked == 1)
        try expectWhole(3)
    }
}
