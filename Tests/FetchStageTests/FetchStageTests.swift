import BatchFormat
import Durable
import Fault
import FetchStage
import JSON
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import TestServers
import Testing

/// Runs of fetch on a directory, in this process: damage, duplicates and leftovers.
@Suite struct FetchStageTests {
    private static let faulty = Result { try TestServer.faulty() }

    private let batch: TestBatch
    private let uploads: ScratchFolder

    init() throws {
        batch = try TestBatch()
        uploads = try ScratchFolder()
    }

    private func put(_ name: String, _ text: String) throws {
        try Folders.makeAll(Folders.parent(of: uploads[name]))
        try AtomicFile.write(Array(text.utf8), to: uploads[name])
    }

    private func stage(
        _ toml: String = "part_items = 2", _ change: (inout StageRequest) -> Void = { _ in },
        heard: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws -> PreparedStage<Fetch> {
        let config = try PipelineConfig.parse(
            text: "format = 1\n[fetch]\nsource = \"\(uploads.path)\"\nmax_reject_ratio = 1.0\n\(toml)\n",
            fileName: "pipeline.toml")
        return PreparedStage(
            Fetch(try config.stage(named: "fetch"), environment: [:]), batch.request(change),
            RunContext(jobs: 2, events: EventLog(listener: heard)))
    }

    private func expectWhole(_ version: Int) throws {
        #expect(try Verification.verify(version: batch.path("fetch", version)).damages.map(\.message) == [])
    }

    /// Every item of a version, with its text or the reason for its rejection.
    private func items(_ version: Int) throws -> [String: String] {
        let reader = try VersionReader(batch.path("fetch", version))
        var items: [String: String] = [:]
        for index in reader.seal.parts.indices {
            let part = try reader.part(index)
            for row in try part.items() {
                items[row.id.text] = String(decoding: try AtomicFile.read(part.objectPath(row)), as: UTF8.self)
            }
            for row in try part.rejects() { items[row.id.text] = "\(row.reason) \(row.duplicateOf ?? "")" }
        }
        return items
    }

    private func night() throws {
        for name in ["a", "b", "c"] { try put("d/\(name).wav", "bytes of \(name)") }
    }

    @Test func `a directory is fetched`() throws {
        try night()
        let toml = "part_items = 2\nid_pattern = \"^(?<device>[^/]+)/\""
        let outcome = try stage(toml).run()
        #expect(outcome.status == .current && outcome.made == 2)
        #expect(try items(1) == ["d/a.wav": "bytes of a", "d/b.wav": "bytes of b", "d/c.wav": "bytes of c"])
        let row = try #require(try VersionReader(outcome.path).part(0).items().first)
        #expect(row.fields == ["device": "d"])
        #expect(row.object["fetch"]?["bytes"] == 10)
        try expectWhole(1)
        #expect(try stage(toml).run().made == 0)
    }

    @Test func `a damaged part is fetched again, and its items are not duplicates of themselves`() throws {
        try night()
        _ = try stage().run()
        let object = try VersionReader(batch.path("fetch")).part(0)
        let row = try #require(try object.items().first)
        try Damaging.flip(object.objectPath(row), at: 3)
        try put("d/z.wav", "bytes of z")
        let outcome = try stage().run()
        #expect(outcome.made == 2 && outcome.linked == 1)
        #expect(
            try items(2) == [
                "d/a.wav": "bytes of a", "d/b.wav": "bytes of b", "d/c.wav": "bytes of c", "d/z.wav": "bytes of z",
            ])
        try expectWhole(2)
    }

    @Test(arguments: ["items.jsonl", "listing.jsonl", "part.json"])
    func `whatever is damaged, the next run completes the night`(_ name: String) throws {
        try night()
        _ = try stage().run()
        try Damaging.flip("\(batch.path("fetch"))/part-00000/\(name)", at: 30)
        try put("d/z.wav", "bytes of z")
        _ = try stage().run()
        #expect(
            try items(2) == [
                "d/a.wav": "bytes of a", "d/b.wav": "bytes of b", "d/c.wav": "bytes of c", "d/z.wav": "bytes of z",
            ])
        try expectWhole(2)
    }

    @Test func `a damaged seal is not built on`() throws {
        try night()
        _ = try stage().run()
        try Damaging.flip("\(batch.path("fetch"))/batch.json", at: 30)
        let outcome = try stage().run()
        #expect(outcome.path == batch.path("fetch", 2) && outcome.status == .current && outcome.made == 0)
        try expectWhole(2)
    }

    @Test func `a part of nothing but duplicates is as sealed`() throws {
        try night()
        _ = try stage().run()
        try put("d/copy-of-a.wav", "bytes of a")
        _ = try stage().run()
        #expect(try items(2)["d/copy-of-a.wav"] == "duplicate d/a.wav")
        try expectWhole(2)
        // The emptied part and the linked one are intact as well.
        try Folders.remove(uploads["d/copy-of-a.wav"])
        try Folders.remove(uploads["d/c.wav"])
        _ = try stage().run()
        #expect(try items(3) == ["d/a.wav": "bytes of a", "d/b.wav": "bytes of b"])
        try expectWhole(3)
    }

    @Test func `only what is new is transferred`() throws {
        try night()
        _ = try stage().run()
        try put("d/z.wav", "bytes of z")
        try put("d/c.wav", "other bytes of c")
        _ = try stage().run()
        let (first, second) = (try VersionReader(batch.path("fetch")), try VersionReader(batch.path("fetch", 2)))
        #expect(first.seal.parts[0].digest == second.seal.parts[0].digest)
        #expect(second.seal.parts.count == 3)
        #expect(try items(2)["d/c.wav"] == "other bytes of c")
        try expectWhole(2)
    }

    @Test func `force transfers everything again`() throws {
        try night()
        _ = try stage().run()
        let outcome = try stage("part_items = 2", { $0.force = true }).run()
        #expect(outcome.path == batch.path("fetch", 2) && outcome.made == 2 && outcome.seal?.items == 3)
        #expect(try batch.contents("fetch", 1) == batch.contents("fetch", 2))
    }

    @Test func `include and exclude choose keys`() throws {
        try night()
        try put("notes.txt", "x")
        _ = try stage("include = [\"*.wav\"]\nexclude = [\"*/b*\"]").run()
        #expect(try items(1).keys.sorted() == ["d/a.wav", "d/c.wav"])
    }

    @Test func `what is too large is rejected`() throws {
        try night()
        try put("d/long.wav", String(repeating: "x", count: 100))
        _ = try stage("max_object_bytes = \"50 B\"").run()
        #expect(try items(1)["d/long.wav"] == "too_large ")
        try expectWhole(1)
    }

    @Test func `the name that tensor files reserve is not an item`() throws {
        try put("__metadata__", "x")
        try put("a", "y")
        _ = try stage().run()
        #expect(try items(1) == ["__metadata__": "bad_key ", "a": "y"])
        try expectWhole(1)
    }

    @Test func `metadata is joined by key`() throws {
        try night()
        let table = try ScratchFolder()
        try AtomicFile.write(
            Array("key,site\nd/a.wav,gate\nd/x.wav,nowhere\n".utf8), to: table["\(TestBatch.batch).csv"])
        _ = try stage("[fetch.metadata]\ncsv = \"\(table.path)/{batch}.csv\"").run()
        let rows = try VersionReader(batch.path("fetch")).part(0).items()
        #expect(rows.map(\.fields) == [["site": "gate"], [:], [:]])
    }

    @Test func `an empty night is held back`() throws {
        let outcome = try stage().run()
        #expect(outcome.status == .heldBack("0 items, fewer than min_items = 1"))
        try expectWhole(1)
    }

    @Test func `a source that is not there is missing and leaves nothing`() throws {
        try Folders.remove(uploads.path)
        let fault = #expect(throws: Fault.self) { _ = try stage().run() }
        #expect(fault?.kind == .missing)
        #expect(try batch.folder("fetch").versions().isEmpty)
    }

    @Test func `a dry run lists and explains`() throws {
        try night()
        let heard = Mutex<[String]>([])
        let outcome = try stage(
            "part_items = 2", { $0.dryRun = true },
            heard: { event in if event.name == "why" { heard.withLock { $0.append(event.message) } } }
        ).run()
        #expect(outcome.status == .dryRun && outcome.made == 2)
        #expect(heard.withLock { $0 } == ["no sealed version yet: everything has to be made"])
        #expect(try batch.folder("fetch").versions().isEmpty)
    }

    @Test func `fetch takes neither inputs nor parts`() throws {
        for change in [{ $0.input = "/x" }, { $0.parts = .listed([0...0]) }] as [(inout StageRequest) -> Void] {
            let fault = #expect(throws: Fault.self) { _ = try stage("part_items = 2", change).run() }
            #expect(fault?.kind == .usage)
        }
    }

    /// Runs fetch on a bucket of the misbehaving store.
    private func stage(bucket: String, _ toml: String) throws -> PreparedStage<Fetch> {
        let config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "s3://\(bucket)/p/"
                endpoint = "\(try Self.faulty.get().url)"
                \(toml)
                """, fileName: "pipeline.toml")
        return PreparedStage(
            Fetch(
                try config.stage(named: "fetch"),
                environment: [
                    "AWS_ACCESS_KEY_ID": "AKID:with/odd+chars", "AWS_SECRET_ACCESS_KEY": "secret/with+odd=chars",
                    "AWS_REGION": "eu-test-1",
                ]),
            batch.request(), RunContext(jobs: 2, events: EventLog()))
    }

    @Test(.tags(.server)) func `a forbidden object among others is an item with a reason`() throws {
        #expect(try stage(bucket: "oneforbidden.item", "part_items = 50").run().status == .current)
        let seal = try VersionReader(batch.path("fetch")).seal
        #expect(seal.items == 99 && seal.rejectedByReason.map(\.reason) == ["forbidden"])
        // The next run asks again, and only for that part.
        let again = try stage(bucket: "oneforbidden.item", "part_items = 50").run()
        #expect(again.made == 1 && again.linked == 1)
        #expect(try VersionReader(again.path).seal.items == 99)
    }

    @Test(.tags(.server)) func `if no object at all may be read, the run ends and leaves nothing sealed`() throws {
        let fault = #expect(throws: Fault.self) { try stage(bucket: "forbidden.all", "").run() }
        #expect(fault?.kind == .denied)
        #expect(fault?.message.hasSuffix("no other object can be read either") == true)
        #expect(try VersionFolder.sealedParts(in: batch.path("fetch")) == [])
    }

    @Test(.tags(.server)) func `objects that may be read count wherever they are in the listing`() throws {
        // The part with the forbidden object comes first, and waits for a readable one behind it.
        let toml = "part_items = 1\nmax_reject_ratio = 1.0\ninclude = [\"06*\"]"
        #expect(try stage(bucket: "oneforbidden.first", toml).run().status == .current)
        #expect(try VersionReader(batch.path("fetch")).seal.items == 9)
    }

    @Test(.tags(.server)) func `an archived night is held back, and fetched once it is restored`() throws {
        let toml = "max_reject_ratio = 0.5\nrestore = true"
        for _ in 0..<2 {
            let held = try stage(bucket: "allarchived.night", toml).run()
            guard case .heldBack = held.status else {
                Issue.record("\(held.status)")
                return
            }
            #expect(held.seal?.rejectedByReason.map(\.reason) == ["archived"])
        }
        let restored = try stage(bucket: "allarchived.night", toml).run()
        #expect(restored.status == .current && restored.seal?.items == 1)
    }

    @Test(.tags(.server)) func `a fault in a part begun ahead lets the current part be sealed`() throws {
        let server = try TestServer.faulty()
        let config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "s3://oneexpired/p/"
                endpoint = "\(server.url)"
                part_items = 50
                """, fileName: "pipeline.toml")
        let stage = PreparedStage(
            Fetch(
                try config.stage(named: "fetch"),
                environment: ["AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything"]),
            batch.request(), RunContext(jobs: 2, events: EventLog()))
        let fault = #expect(throws: Fault.self) { try stage.run() }
        #expect(fault?.kind == .denied)
        // The credentials expire at the 61st of 100 objects: the first 50 are a part.
        #expect(try VersionFolder.sealedParts(in: batch.path("fetch")) == ["part-00000"])
        #expect(try Folders.names(in: batch.path("fetch") + "/part-00000/objects").count == 50)
    }
}
