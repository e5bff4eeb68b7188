import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestBatches
import Testing

@Suite struct PartReaderTests {
    private let batch: TestBatch
    private let folder: String

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", [[TestItem("a", samples: [1, 2]), .rejected("b", "silent")]])
        folder = "\(batch.path("clean"))/part-00000"
    }

    private func part() throws -> PartReader { try VersionReader(batch.path("clean")).part(0) }

    @Test(arguments: ["items.jsonl", "rejects.jsonl", "audio.safetensors"])
    func `a changed file is found before it is used`(_ name: String) throws {
        let size = try AtomicFile.read("\(folder)/\(name)").count
        for offset in [0, size / 2, size - 1] {
            try Damaging.flip("\(folder)/\(name)", at: offset)
            let fault = #expect(throws: Fault.self) { try use(name) }
            #expect(fault?.kind == .damaged)
            #expect(fault?.message.hasPrefix("'\(folder)/\(name)' does not match its SHA-256") == true)
            try Damaging.flip("\(folder)/\(name)", at: offset)
        }
        try use(name)
    }

    @Test(arguments: ["items.jsonl", "rejects.jsonl", "audio.safetensors"])
    func `a longer, shorter or lost file is damage`(_ name: String) throws {
        let bytes = try AtomicFile.read("\(folder)/\(name)")
        for other in [bytes + [0], Array(bytes.dropLast()), []] {
            try Damaging.overwrite("\(folder)/\(name)", with: other)
            let fault = #expect(throws: Fault.self) { try use(name) }
            #expect(fault?.kind == .damaged)
            #expect(
                fault?.message == "'\(folder)/\(name)' has \(other.count) bytes, its seal says \(bytes.count)")
        }
        try Folders.remove("\(folder)/\(name)")
        let fault = #expect(throws: Fault.self) { try use(name) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(folder)/\(name)' is missing, but listed in the part's seal")
    }

    private func use(_ name: String) throws(Fault) {
        let part = try VersionReader(batch.path("clean")).part(0)
        switch name {
        case "items.jsonl": _ = try part.items()
        case "rejects.jsonl": _ = try part.rejects()
        default: _ = try part.tensors(name)
        }
    }

    @Test func `the seal must be the one that the version vouches for`() throws {
        try batch.run("clean", [[TestItem("other")]])
        let other = try AtomicFile.read("\(batch.path("clean", 2))/part-00000/part.json")
        try Damaging.overwrite("\(folder)/part.json", with: other)
        let fault = #expect(throws: Fault.self) { try part() }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(folder)/part.json' is not the seal listed in the version's 'batch.json'")
    }

    @Test func `a lost seal is damage where a version vouches for it`() throws {
        try Folders.remove("\(folder)/part.json")
        let vouched = #expect(throws: Fault.self) { try part() }
        #expect(vouched?.kind == .damaged)
        let unvouched = #expect(throws: Fault.self) {
            _ = try PartReader(version: batch.path("clean"), name: "part-00000", digest: nil)
        }
        #expect(unvouched?.kind == .missing)
    }

    @Test func `what the seal does not list is not handed out`() throws {
        try AtomicFile.write([1], to: "\(folder)/stray")
        let fault = #expect(throws: Fault.self) { try part().checked("stray") }
        #expect(fault?.kind == .damaged)
        let row = try #require(try part().items().first)
        let noObject = #expect(throws: Fault.self) { try part().objectPath(row) }
        #expect(noObject?.message == "the item 'a' in '\(folder)' has no raw object")
    }

    @Test func `only a sealed version is found`() throws {
        let missing = #expect(throws: Fault.self) { _ = try VersionReader(batch.path("clean", 9)) }
        #expect(missing?.kind == .missing)
        try Folders.remove("\(batch.path("clean"))/batch.json")
        let unsealed = #expect(throws: Fault.self) { _ = try VersionReader(batch.path("clean")) }
        #expect(unsealed?.kind == .missing)
        #expect(unsealed?.message.contains("is not sealed") == true)
    }

    @Test func `a reader says how others refer to it`() throws {
        let version = try VersionReader(batch.path("clean"))
        #expect(version.name == "v1")
        #expect(
            version.reference
                == InputReference(
                    pipeline: TestBatch.pipeline, batch: TestBatch.batch, stage: "clean", version: "v1",
                    digest: version.seal.digest))
        #expect(try version.manifest().fingerprint == version.seal.fingerprint)
    }
}
