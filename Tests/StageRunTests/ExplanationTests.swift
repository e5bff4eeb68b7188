import BatchFormat
import Digests
import Fault
import JSON
import StageRun
import TestBatches
import Testing

@Suite struct ExplanationTests {
    private let batch: TestBatch
    private let parts = [[TestItem("a")], [TestItem("b")]]

    init() throws { batch = try TestBatch() }

    private func lines(_ parts: [[TestItem]], _ change: (inout TestBatch.Recipe) -> Void = { _ in }) throws -> [String]
    {
        var recipe = TestBatch.Recipe()
        change(&recipe)
        return try Explanation.lines(of: batch.plan("clean", parts, recipe), in: batch.folder("clean"))
    }

    private func input(_ version: String, _ digest: String) -> InputReference {
        InputReference(
            pipeline: TestBatch.pipeline, batch: TestBatch.batch, stage: "fetch", version: version,
            digest: Digest(of: digest.utf8))
    }

    @Test func `a first run, and a ninth that is the same`() throws {
        #expect(try lines(parts) == ["no sealed version yet: everything has to be made"])
        try batch.run("clean", parts)
        #expect(try lines(parts) == ["nothing changed since v1"])
    }

    @Test func `every kind of change is named`() throws {
        try batch.run("clean", parts) {
            $0.config = ["rate": 16000, "fields": ["site": "string", "gain": 1]]
            $0.model = ["name": "digits", "version": "3", "digest": "00"]
            $0.inputs = [input("v1", "one")]
        }
        let lines = try lines(parts + [[TestItem("c")]]) {
            $0.config = ["rate": 8000, "fields": ["site": "string", "noise": true]]
            $0.model = ["name": "digits", "version": "4", "digest": "01"]
            $0.inputs = [input("v2", "two")]
            $0.revision = 2
            $0.tool = "clean2"
        }
        #expect(
            lines == [
                "the tool is clean2, v1 was made by clean",
                "the behaviour revision of clean2 is 2, v1 was made by 1",
                "config: rate = 8000, was 16000",
                "config: fields.gain is no longer set, was 1",
                "config: fields.noise = true, was not set",
                #"the model is {"name": "digits", "version": "4", "digest": "01"}, v1 ran {"name": "digits", "version": "3", "digest": "00"}"#,
                "the input is fetch v2, v1 read fetch v1",
                "3 of 3 parts are not in v1",
            ])
    }

    @Test func `the newest version that can be read is compared with`() throws {
        try batch.run("clean", parts)
        try batch.run("clean", parts) { $0.config = ["rate": 8000] }
        try Damaging.flip("\(batch.path("clean", 2))/batch.json", at: 30)
        #expect(try lines(parts) == ["nothing changed since v1"])
    }

    @Test func `a change of normal form is a change`() {
        #expect(
            Explanation.differences(["site": "\u{E9}"], ["site": "e\u{301}"]) == ["site = \"e\u{301}\", was \"\u{E9}\""]
        )
        #expect(Explanation.differences(["a": 1, "b": ["c": 2]], ["b": ["c": 2], "a": 1]).isEmpty)
        #expect(Explanation.differences(["a": 1], ["a": 1.0]) == ["a = 1.0, was 1"])
    }

    @Test func `a dry run names the version and touches nothing`() throws {
        func dryRun(_ parts: [[TestItem]]) throws -> StageOutcome {
            let work = TestWork(batch.plan("clean", parts)) { (_, _) throws(Fault) in
                throw Fault(.defect, "a dry run makes nothing")
            }
            return try Explanation.dryRun(of: work, in: batch.folder("clean"))
        }
        #expect(try dryRun(parts).path == batch.path("clean") && dryRun(parts).made == 2)
        #expect(try batch.folder("clean").versions().isEmpty)
        try batch.run("clean", parts)
        let same = try dryRun(parts)
        #expect(same.path == batch.path("clean") && same.made == 0 && same.status == .dryRun && same.fault == nil)
        #expect(try dryRun([parts[0]]).path == batch.path("clean", 2))
        #expect(try batch.folder("clean").versions() == [1])
    }
}
