import Durable
import Fault
import Inspection
import StageRun
import TestBatches
import Testing

@Suite struct VersionAddressTests {
    private let batch: TestBatch

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", [[TestItem("a")]])
        try batch.run("clean", [[TestItem("b")]])
    }

    private func path(_ words: String...) throws(Fault) -> String {
        try VersionAddress(words: words, root: batch.root).path
    }

    @Test func `versions are named by words or by a path`() throws {
        let (pipeline, day) = (TestBatch.pipeline, TestBatch.batch)
        #expect(try path(pipeline, day, "clean", "v1") == batch.path("clean"))
        #expect(try path(pipeline, day, "clean") == batch.path("clean", 2))
        #expect(try path(batch.path("clean")) == batch.path("clean"))
        #expect(try path("\(batch.root)/\(pipeline)/\(day)/clean/current") == batch.path("clean", 2))
    }

    @Test func `without a current version the held one is used`() throws {
        try batch.run("infer", [[]]) { $0.gates = Gates(minItems: 1, maxRejectRatio: nil) }
        #expect(try path(TestBatch.pipeline, TestBatch.batch, "infer") == batch.path("infer"))
    }

    @Test func `an address of nothing is reported`() {
        let (pipeline, day) = (TestBatch.pipeline, TestBatch.batch)
        for (words, kind) in [
            ([], .usage), ([pipeline, day], .usage), ([pipeline, day, "clean", "2"], .usage),
            ([pipeline, day, "clean", "v1", "x"], .usage), ([pipeline, day, "../clean"], .usage),
            ([pipeline, day, "store"], .missing), (["/nowhere/v1"], .missing),
        ] as [([String], Fault.Kind)] {
            let fault = #expect(throws: Fault.self) { _ = try VersionAddress(words: words, root: batch.root) }
            #expect(fault?.kind == kind, "\(words)")
        }
    }
}
