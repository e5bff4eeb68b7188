import BatchFormat
import Durable
import FetchStage
import JSON
import ObjectSources
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import Testing

@Suite struct MetadataJoinTests {
    /// The value of the field `x` of each item, or `-`.
    private func joined(_ items: [String], _ keys: [String]) throws -> [String] {
        let table = try MetadataTable(
            keys.enumerated().map { number, key in
                MetadataTable.Reading(place: "row \(number)", fields: ["key": .string(key), "x": .string("\(number)")])
            }, of: "test", key: "key")
        let join = MetadataJoin(addresses: ["s3://b/night/", "night/"])
        return join.join(items.map { ObjectEntry(key: $0, address: []) }, table)
            .map { $0.fields["x"]?.string ?? "-" }
    }

    @Test(arguments: [
        "d/a.wav", "./d/a.wav", ".//d/a.wav", "/d/a.wav", "d\\a.wav", ".\\d\\a.wav", "s3://b/night/d/a.wav",
        "night/d/a.wav",
    ])
    func `a key that can only mean one item is joined to it`(_ key: String) throws {
        #expect(try joined(["d/a.wav", "e.wav"], [key]) == ["0", "-"])
    }

    @Test func `normal forms mean the same, unless there are items of both`() throws {
        #expect(try joined(["caf\u{E9}.wav"], ["cafe\u{301}.wav"]) == ["0"])
        #expect(try joined(["caf\u{E9}.wav", "cafe\u{301}.wav"], ["cafe\u{301}.wav", "caf\u{E9}.wav"]) == ["1", "0"])
        // A third spelling could mean either.
        #expect(try joined(["caf\u{E9}.wav", "cafe\u{301}.wav"], ["./cafe\u{301}.wav"]) == ["-", "-"])
    }

    @Test(arguments: [
        "s3://other/night/a.wav", "A.wav", "a", "x/a.wav", "s3://b/nights/a.wav", "a.wav ", "night/b/a.wav",
    ])
    func `a key that could mean something else is not joined`(_ key: String) throws {
        #expect(try joined(["a.wav"], [key]) == ["-"])
    }

    @Test func `a key that is an item's as it is wins, and two rows that mean one item join neither`() throws {
        #expect(try joined(["a.wav", "night/a.wav"], ["night/a.wav"]) == ["-", "0"])
        #expect(try joined(["a.wav"], ["./a.wav", "a.wav"]) == ["1"])
        #expect(try joined(["a.wav"], ["./a.wav", "/a.wav"]) == ["-"])
    }
}

/// Metadata in whole runs of fetch on a directory.
@Suite struct MetadataRunTests {
    private let batch: TestBatch
    private let uploads: ScratchFolder
    private let scratch: ScratchFolder

    init() throws {
        batch = try TestBatch()
        uploads = try ScratchFolder()
        scratch = try ScratchFolder()
        for name in ["a.wav", "b.wav", "c.wav", "d.wav"] {
            try AtomicFile.write(Array("bytes of \(name)".utf8), to: uploads[name])
        }
    }

    private func run(
        _ rows: String, _ toml: String = "", heard: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws -> StageOutcome {
        try AtomicFile.write(Array("key,site\n\(rows)".utf8), to: scratch["m.csv"])
        let config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "\(uploads.path)"
                max_reject_ratio = 0.5
                [fetch.metadata]
                csv = "\(scratch["m.csv"])"
                \(toml)
                """, fileName: "pipeline.toml")
        let context = RunContext(jobs: 2, events: EventLog(listener: heard))
        return try StageRunner(batch.request(), context).run(Fetch(try config.stage(named: "fetch"), environment: [:]))
    }

    @Test func `the seal counts rows, and the log has examples of those that met nothing`() throws {
        let heard = Mutex<[Event]>([])
        let outcome = try run("a.wav,gate\nx.wav,gate\n./b.wav,hall\n,lost\n") { event in
            heard.withLock { $0.append(event) }
        }
        let seal = try #require(outcome.seal)
        #expect(outcome.status == .current)
        #expect(seal.run.metadataRows == 4 && seal.run.metadataRowsUsed == 2 && seal.run.metadataRowsUnused == 2)
        let messages = heard.withLock { $0.map { "\($0.name): \($0.message)" } }
        #expect(
            messages.contains("metadata_joined: 2 of 4 rows of metadata are joined to 2 of 4 items"), "\(messages)")
        #expect(
            messages.contains(
                "metadata_unmatched: 2 rows of metadata met no item ('x.wav', …), while 2 items have no metadata "
                    + "('c.wav', 'd.wav'); compare the keys"), "\(messages)")
        #expect(messages.contains { $0.hasPrefix("metadata_row_unusable:") && $0.contains("line 5") }, "\(messages)")
        let rows = try VersionReader(outcome.path).part(0).items()
        #expect(rows.map(\.fields) == [["site": "gate"], ["site": "hall"], [:], [:]])
    }

    @Test func `a night in which too few items have metadata is held back`() throws {
        #expect(
            try run("x.wav,gate\n", "min_joined_ratio = 0.01").status
                == .heldBack("0 of 4 items have metadata (0.0), less than min_joined_ratio = 0.01"))
        // Every run asks the gate, also one with nothing to do.
        #expect(try run("x.wav,gate\n").status == .current)
        #expect(
            try run("a.wav,gate\n", "min_joined_ratio = 0.5").status
                == .heldBack("1 of 4 items have metadata (0.25), less than min_joined_ratio = 0.5"))
    }

    @Test func `a row that cannot be used costs its item until it is repaired`() throws {
        let first = try run("a.wav,gate\nb.wav,gate,extra\n")
        #expect(first.status == .current)
        let rejects = try VersionReader(first.path).part(0).rejects()
        #expect(rejects.map(\.reason) == ["bad_metadata"])
        #expect(rejects.first?.message == "metadata line 3: the line has 3 fields, the header has 2")
        let second = try run("a.wav,gate\nb.wav,gate\n")
        #expect(second.seal?.items == 4 && second.seal?.rejected == 0)
    }
}
