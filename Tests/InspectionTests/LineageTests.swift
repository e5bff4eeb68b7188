import BatchFormat
import Durable
import Inspection
import JSON
import TestBatches
import Testing

@Suite struct LineageTests {
    private let batch: TestBatch

    init() throws {
        batch = try TestBatch()
        try batch.run("fetch", [[TestItem("a"), .rejected("b", "vanished")]])
        for (stage, inputs) in [
            ("transcribe", ["fetch"]), ("translate", ["fetch"]), ("store", ["transcribe", "translate"]),
        ] {
            let references = try inputs.map { try VersionReader(batch.path($0)).reference }
            try batch.run(stage, [[TestItem("a")]]) { $0.inputs = references }
        }
    }

    private func lineage() throws -> Lineage {
        try Lineage(of: VersionReader(batch.path("store")), root: batch.root)
    }

    @Test func `every version on the way is listed once`() throws {
        let steps = try lineage().steps
        #expect(steps.map(\.reference.stage) == ["transcribe", "translate", "fetch"])
        #expect(steps.map(\.isSame) == [true, true, true])
        #expect(steps.last?.seal?.rejected == 1)
        #expect(try Lineage(of: VersionReader(batch.path("fetch")), root: batch.root).steps.isEmpty)
    }

    @Test func `a missing version is reported as gone`() throws {
        try Folders.remove(batch.path("translate"))
        try Damaging.flip("\(batch.path("transcribe"))/batch.json", at: 20)
        let lineage = try lineage()
        // Neither records its origin any more.
        #expect(lineage.steps.map(\.reference.stage) == ["transcribe", "translate"])
        #expect(lineage.steps.allSatisfy { $0.seal == nil && !$0.isSame })
        #expect(lineage.json.array?.map { $0["present"] } == [false, false])
    }

    @Test func `another version under the same name is not the same`() throws {
        try Folders.remove(try batch.folder("fetch").path)
        try batch.run("fetch", [[TestItem("other")]])
        let step = try #require(try lineage().steps.last)
        #expect(step.reference.stage == "fetch" && step.seal != nil && !step.isSame)
        #expect(try lineage().json.array?.last?["same"] == false)
    }
}
