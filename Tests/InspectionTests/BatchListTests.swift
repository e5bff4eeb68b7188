import BatchFormat
import Durable
import Fault
import Inspection
import JSON
import StageRun
import TestBatches
import Testing

@Suite struct BatchListTests {
    private let batch: TestBatch

    init() throws { batch = try TestBatch() }

    private func stages(_ pipeline: String? = nil, _ day: String? = nil) throws(Fault) -> [StageSummary] {
        try BatchList.stages(root: batch.root, pipeline: pipeline, batch: day)
    }

    private func chain() throws {
        try batch.run("fetch", [[TestItem("a")]])
        let fetch = try VersionReader(batch.path("fetch"))
        // By name it would come before fetch, and infer between the two.
        try batch.run("clean", [[TestItem("a")]]) { $0.inputs = [fetch.reference] }
        let clean = try VersionReader(batch.path("clean"))
        try batch.run("infer", [[TestItem("a")]]) { $0.inputs = [clean.reference] }
    }

    @Test func `stages come after those that they read`() throws {
        try chain()
        #expect(try stages().map(\.folder.stage) == ["fetch", "clean", "infer"])
    }

    @Test func `a stage whose first version is held back has its place, too`() throws {
        try batch.run("fetch", [[TestItem("a")]])
        let fetch = try VersionReader(batch.path("fetch")).reference
        try batch.run("clean", [[TestItem("a")]]) {
            $0.inputs = [fetch]
            $0.gates = Gates(minItems: 2, maxRejectRatio: nil)
        }
        #expect(try stages().map(\.folder.stage) == ["fetch", "clean"])
        #expect(try stages().map(\.state) == ["current", "held back"])
        // Its figures are the ones a person needs to see now.
        #expect(try stages()[1].seal?.items == 1)
    }

    @Test func `a stage that was made from what is no longer read is stale`() throws {
        try chain()
        #expect(try stages().map(\.state) == ["current", "current", "current"])
        try batch.run("fetch", [[TestItem("a")], [TestItem("b")]])
        #expect(try stages().map(\.state) == ["current", "stale", "current"], "infer reads the same clean as before")
        try batch.folder("fetch").setPinned(1)
        #expect(try stages().map(\.state) == ["pinned", "current", "current"], "what is pinned is what is read")
    }

    @Test func `a stage that is being written is running, one that failed at once has failed`() throws {
        let folder = try batch.folder("clean")
        try StageEnding(
            stage: "clean", tool: "clean", status: ToolExit(.configuration), message: "no such model", time: 0
        ).write(of: folder)
        #expect(try stages().map(\.state) == ["failed"])
        try Folders.makeAll("\(folder.path)/.locks")
        let presence = PresenceFile(folder.lockFile("writer"))
        #expect(try stages().map(\.state) == ["running"])
        withExtendedLifetime(presence) {}
    }

    private func unseal(_ stages: [String]) throws {
        for stage in stages {
            try Folders.remove("\(batch.path(stage))/batch.json")
            try Folders.remove("\(batch.folder(stage).path)/current")
        }
    }

    @Test func `stages that are still being made have their place, too`() throws {
        try chain()
        try unseal(["fetch", "clean", "infer"])
        #expect(try stages().map(\.folder.stage) == ["fetch", "clean", "infer"])
        #expect(try stages().map(\.state) == ["unsealed", "unsealed", "unsealed"])
    }

    @Test func `stages of one tool come in the order in which they read each other`() throws {
        try chain()
        let clean = try VersionReader(batch.path("clean")).reference
        try batch.run("zero", [[TestItem("a")]]) {
            $0.tool = "infer"
            $0.inputs = [clean]
        }
        let zero = try VersionReader(batch.path("zero")).reference
        try batch.run("alpha", [[TestItem("a")]]) {
            $0.tool = "infer"
            $0.inputs = [zero]
        }
        let expected = ["fetch", "clean", "infer", "zero", "alpha"]
        #expect(try stages().map(\.folder.stage) == expected)
        try unseal(["zero", "alpha"])
        #expect(try stages().map(\.folder.stage) == expected)
    }

    @Test func `a stage that follows comes after the one it follows`() throws {
        try chain()
        // Only the version that it follows shows what a growing version is made from.
        for (stage, followed) in [("zero", "clean"), ("alpha", "zero")] {
            try Folders.makeAll(batch.path(stage))
            let manifest = RunManifest(
                identity: VersionIdentity(
                    pipeline: TestBatch.pipeline, batch: TestBatch.batch, stage: stage, tool: "infer", revision: 1,
                    config: [:], model: .null),
                effectiveConfig: [:], inputs: [], fingerprint: nil,
                run: RunFigures(["follows": .string("\(followed)/v1")]))
            try AtomicFile.write(manifest.sealed.bytes(), to: "\(batch.path(stage))/run.json")
        }
        #expect(try stages().map(\.folder.stage) == ["fetch", "clean", "infer", "zero", "alpha"])
    }

    @Test func `states are one word each`() throws {
        try batch.run("fetch", [[TestItem("a")]])
        let folder = try batch.folder("fetch")
        #expect(try stages()[0].state == "current")
        try folder.setPinned(1)
        #expect(try stages()[0].state == "pinned")
        try folder.setHeld(1)
        #expect(try stages()[0].state == "held back")
        try batch.run("clean", [[TestItem("a")]]) { $0.request = { $0.parts = .listed([0...0]) } }
        #expect(try stages().first { $0.folder.stage == "clean" }?.state == "empty")
        try Folders.remove("\(batch.path("clean"))/batch.json")
        let clean = try #require(try stages().first { $0.folder.stage == "clean" })
        #expect(clean.state == "unsealed" && clean.unsealed == [1] && clean.current == nil)
    }

    @Test func `what is not a stage is not listed`() throws {
        try chain()
        let day = "\(batch.root)/\(TestBatch.pipeline)/\(TestBatch.batch)"
        try Folders.makeAll("\(day)/.stamps/v1")
        try Folders.makeAll("\(day)/notes")
        try Folders.makeAll("\(batch.root)/not a name/2026-11-20/fetch/v1")
        try AtomicFile.write([], to: "\(batch.root)/nocturne.db")
        #expect(try stages().count == 3)
    }

    @Test func `pipelines and days are chosen by name`() throws {
        try chain()
        #expect(try stages(TestBatch.pipeline).count == 3)
        #expect(try stages(TestBatch.pipeline, TestBatch.batch).count == 3)
        for (pipeline, day) in [("other", nil), (TestBatch.pipeline, "2026-11-21")] as [(String, String?)] {
            let fault = #expect(throws: Fault.self) { try stages(pipeline, day) }
            #expect(fault?.kind == .missing)
        }
        let fault = #expect(throws: Fault.self) {
            try BatchList.stages(root: "\(batch.root)/absent", pipeline: nil, batch: nil)
        }
        #expect(fault?.kind == .missing)
    }

    @Test func `the summary is JSON`() throws {
        try batch.run("fetch", [[TestItem("a"), .rejected("b", "vanished")]])
        let json = try stages()[0].json
        #expect(json["state"] == "current" && json["versions"] == ["v1"] && json["current"] == "v1")
        #expect(json["held"] == .null && json["pinned"] == .null && json["unsealed"] == [])
        #expect(json["items"] == 1 && json["rejected"] == 1 && json["finished_at"]?.string != nil)
    }

    @Test func `links to what has been deleted are damage`() throws {
        try chain()
        #expect(try stages()[0].danglingLinks.isEmpty)
        try Folders.remove("\(batch.path("fetch"))/batch.json")
        #expect(try stages().flatMap(\.danglingLinks).map(\.path) == ["\(batch.path("fetch"))/batch.json"])
    }

    @Test func `a stage whose only version was deleted is lost`() throws {
        try chain()
        try Folders.remove(batch.path("clean"))
        let clean = try #require(try stages().first { $0.folder.stage == "clean" })
        #expect(clean.state == "lost" && clean.versions.isEmpty)
        #expect(clean.danglingLinks.map(\.path) == ["\(batch.path("clean"))/batch.json"])
        #expect(try stages().map(\.folder.stage) == ["fetch", "clean", "infer"], "its name tells its place")
    }

    @Test func `a damaged current seal hides no stage`() throws {
        try chain()
        try Damaging.flip("\(batch.path("clean"))/batch.json", at: 20)
        let clean = try #require(try stages().first { $0.folder.stage == "clean" })
        #expect(clean.state == "current" && clean.versions == [1])
    }
}
