import BatchFormat
import Digests
import Durable
import Fault
import JSON
import PipelineConfig
import StageRun
import TestBatches
import Testing

/// Keeps every item except those whose id ends in `-bad`.
private struct Keeping: DerivedPartMaker {
    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        for var row in try part.items() {
            try context.checkStop()
            if row.id.text.hasSuffix("-bad") {
                try writer.reject(row.id, reason: "silent", message: "")
            } else {
                row.object["clean"] = ["seen": true]
                try writer.append(row)
            }
        }
    }
}

/// Omits the last item of every part.
private struct Forgetting: DerivedPartMaker {
    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        for row in try part.items().dropLast() { try writer.append(row) }
    }
}

/// A clean stage with a maker of the test's.
private struct Cleaning<Maker: DerivedPartMaker>: DerivedStage {
    static var tool: StageTool { .clean }
    static var revision: Int { 1 }
    let config: StageConfig
    let maker: Maker
    var extra: JSONObject = [:]
    let prepared = Counter()

    func bearing() throws(Fault) -> BearingFacts {
        var facts = BearingFacts(config.resultBearing)
        for (name, value) in extra.members { facts.config[name] = value }
        return facts
    }

    func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> Maker {
        prepared.count += 1
        return maker
    }
}

/// How often something happened.
private final class Counter {
    var count = 0
}

@Suite struct DerivedStageTests {
    private let batch: TestBatch

    init() throws {
        batch = try TestBatch()
        try batch.run("fetch", [[TestItem("a"), TestItem("b-bad")], [TestItem("c"), .rejected("d", "vanished")]])
    }

    private func config(_ toml: String = "max_reject_ratio = 1.0") throws -> StageConfig {
        try PipelineConfig.parse(
            text: "format = 1\n[fetch]\nsource = \"in\"\n[clean]\n\(toml)\n", fileName: "pipeline.toml"
        ).stage(named: "clean")
    }

    private func runner(_ change: (inout StageRequest) -> Void = { _ in }) -> StageRunner {
        StageRunner(batch.request(change), RunContext(jobs: 1, events: EventLog()))
    }

    private func run(
        _ change: (inout StageRequest) -> Void = { _ in }, toml: String = "max_reject_ratio = 1.0",
        extra: JSONObject = [:], makers: inout Int
    ) throws -> StageOutcome {
        let stage = Cleaning(config: try config(toml), maker: Keeping(), extra: extra)
        let outcome = try runner(change).run(stage)
        makers = stage.prepared.count
        return outcome
    }

    @Test func `every part follows from the input's part`() throws {
        var makers = 0
        let outcome = try run(makers: &makers)
        #expect(makers == 1 && outcome.made == 2 && outcome.status == .current)
        let (input, version) = (try VersionReader(batch.path("fetch")), try VersionReader(batch.path("clean")))
        #expect(version.seal.inputs == [input.reference])
        for index in 0..<2 {
            let part = try version.part(index)
            #expect(part.seal.input == input.seal.parts[index].digest)
            // Items in are those that the previous stage passed, not those that it received.
            #expect(part.seal.itemsIn == input.seal.parts[index].items)
        }
        #expect(
            try version.part(0).items().map(\.object) == [
                ["id": "a", "fields": [:], "fetch": [:], "clean": ["seen": true]]
            ])
        #expect(try version.part(0).rejects().map(\.id.text) == ["b-bad"])
        #expect(try Verification.verify(version: version.path).damages.isEmpty)
    }

    @Test func `the maker is created only if there is something to make`() throws {
        var makers = 0
        _ = try run(makers: &makers)
        #expect(try run(makers: &makers).made == 0)
        #expect(makers == 0)
    }

    @Test func `what is outside the configuration enters the keys`() throws {
        var makers = 0
        _ = try run(makers: &makers)
        #expect(try run(extra: ["statistics": "00"], makers: &makers).path == batch.path("clean", 2))
        #expect(try run(extra: ["statistics": "00"], makers: &makers).made == 0)
        #expect(try VersionReader(batch.path("clean", 2)).seal.identity.config["statistics"] == "00")
    }

    @Test func `gates are those of the configuration`() throws {
        var makers = 0
        let outcome = try run(toml: "max_reject_ratio = 0.2", makers: &makers)
        #expect(outcome.status == .heldBack("1 of 3 items rejected (0.3333), more than max_reject_ratio = 0.2"))
        // Gates affect no bytes: with another ratio it is the same version.
        let passed = try run(toml: "max_reject_ratio = 0.5", makers: &makers)
        #expect(passed.path == batch.path("clean") && passed.status == .current && makers == 0)
    }

    @Test func `a forgotten item is a defect, and nothing is sealed`() throws {
        let forgetful = Cleaning(config: try config(), maker: Forgetting())
        let fault = #expect(throws: Fault.self) { try runner().run(forgetful) }
        #expect(fault?.kind == .defect)
        #expect(try VersionFolder.sealedParts(in: batch.path("clean")).isEmpty)
        #expect(try !batch.folder("clean").isSealed(1))
    }

    @Test func `damaged input stops the stage before it is used`() throws {
        try Damaging.flip("\(batch.path("fetch"))/part-00001/items.jsonl", at: 3)
        var makers = 0
        let fault = #expect(throws: Fault.self) { try run(makers: &makers) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message.contains("part-00001/items.jsonl") == true)
        #expect(try VersionFolder.sealedParts(in: batch.path("clean")) == ["part-00000"])
    }

    @Test func `a trial reads any version of a tool that it can read`() throws {
        try batch.run("fetch", [[TestItem("other")]]) { $0.request = { $0.parts = .listed([0...0]) } }
        var makers = 0
        let outcome = try run({ $0.input = batch.path("fetch", 2) }, makers: &makers)
        #expect(outcome.status == .apart && outcome.seal?.items == 1)
        #expect(try batch.folder("clean").current() == nil)
        #expect(
            try VersionReader(batch.path("clean")).manifest().run.inputPath == batch.path("fetch", 2))
        let itself = #expect(throws: Fault.self) { try run({ $0.input = batch.path("clean") }, makers: &makers) }
        #expect(itself?.kind == .usage)
    }

    @Test func `a dry run does nothing`() throws {
        var makers = 0
        let outcome = try run({ $0.dryRun = true }, makers: &makers)
        #expect(outcome.status == .dryRun && outcome.made == 2 && makers == 0)
        #expect(!Folders.exists(try batch.folder("clean").path))
    }

    @Test func `without an input there is nothing to run`() throws {
        try Folders.remove(try batch.folder("fetch").path)
        var makers = 0
        let fault = #expect(throws: Fault.self) { try run(makers: &makers) }
        #expect(fault?.kind == .missing)
        #expect(!Folders.exists(try batch.folder("clean").path))
    }
}
