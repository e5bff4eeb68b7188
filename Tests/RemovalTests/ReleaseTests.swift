import BatchFormat
import Durable
import Fault
import JSON
import Removal
import StageRun
import TestBatches
import Testing

/// Expired raw objects are removed; ledger lines, digests and everything made from them stay.
@Suite struct ReleaseTests {
    private let household: Household
    private var batch: TestBatch { household.batch }
    private let month = 30.0 * 86400

    init() throws {
        household = try Household()
        try household.fetch([["a", "b"], ["c"]])
        try household.derive("clean", from: "fetch")
    }

    private func objects(_ version: Int, _ part: Int) throws -> [String] {
        let path = "\(batch.path("fetch", version))/\(VersionFolder.partName(part))/objects"
        return Folders.isFolder(path) ? try Folders.names(in: path) : []
    }

    @Test func `old objects go, and the version stays sound`() throws {
        let before = try VersionReader(batch.path("fetch")).seal.digest
        let report = try household.keepHouse(raw: month, now: Household.later)
        #expect(report.removals.map(\.kind) == [.raw, .raw])
        #expect(try objects(1, 0).isEmpty && objects(1, 1).isEmpty)
        let verified = try household.verify("fetch", 1)
        #expect(verified.damages == [] && verified.released == 3)
        let fetch = try VersionReader(batch.path("fetch"))
        #expect(fetch.seal.digest == before)
        #expect(try fetch.part(0).items().map(\.id.text) == ["a", "b"])
    }

    @Test func `young objects stay`() throws {
        #expect(try household.keepHouse(raw: month).removals.isEmpty)
        #expect(
            try household.keepHouse(now: Household.later).removals.isEmpty, "without a limit they stay indefinitely")
        #expect(try objects(1, 0) == ["a", "b"])
    }

    @Test func `objects that nobody has used stay`() throws {
        try household.fetch([["a", "b"], ["c"], ["late"]])
        try household.keepHouse(raw: month, now: Household.later)
        #expect(try objects(2, 0).isEmpty && objects(2, 1).isEmpty)
        #expect(try objects(2, 2) == ["late"], "clean has not made anything of it yet")
    }

    @Test func `nothing is released before a stage has read it`() throws {
        try Folders.remove(batch.folder("clean").path)
        #expect(try household.keepHouse(raw: month, now: Household.later).removals.isEmpty)
    }

    @Test func `a held-back reader has not used the objects`() throws {
        try household.fetch([["a", "b"], ["c", "d"]])
        try household.derive("clean", from: "fetch") { $0.gates = Gates(minItems: 9, maxRejectRatio: nil) }
        try household.keepHouse(keep: 2, raw: month, now: Household.later)
        #expect(try objects(2, 1) == ["c", "d"], "only a version that is held back has been made from it")
    }

    @Test func `a stage that needs the bytes learns where they went`() throws {
        try household.keepHouse(raw: month, now: Household.later)
        let part = try VersionReader(batch.path("fetch")).part(0)
        let row = try #require(try part.items().first)
        let fault = #expect(throws: Fault.self) { try part.objectPath(row) }
        #expect(fault?.kind == .missing)
        for words in ["objects/a", "released at 20", "older than 30 days", "--force"] {
            #expect(fault?.message.contains(words) == true, "\(words)")
        }
    }

    @Test func `a lost object without a record is damage`() throws {
        let part = try VersionReader(batch.path("fetch")).part(0)
        try Folders.remove("\(part.folder)/objects/a")
        let row = try #require(try part.items().first)
        let fault = #expect(throws: Fault.self) { try part.objectPath(row) }
        #expect(fault?.kind == .damaged)
    }

    @Test func `a released part is reused as it is`() throws {
        try household.keepHouse(raw: month, now: Household.later)
        try batch.run("fetch", [["a", "b"], ["c"], ["late"]].map { $0.map { TestItem($0) } }) { recipe in
            recipe.objects = { Array($0.utf8) }
        }
        let verified = try household.verify("fetch", 2)
        #expect(verified.damages == [] && verified.released == 3)
        #expect(try VersionReader(batch.path("fetch", 2)).seal.run.partsMade == 1)
    }

    @Test func `releasing twice is releasing once`() throws {
        try household.keepHouse(raw: month, now: Household.later)
        let record = "\(batch.path("fetch"))/part-00000/released.json"
        let before = try AtomicFile.read(record)
        #expect(try household.keepHouse(raw: month, now: Household.later).removals.isEmpty)
        try VersionReader(batch.path("fetch")).part(0).release(.consumed, message: "again", run: [:])
        #expect(try AtomicFile.read(record) == before)
    }

    @Test(arguments: [ReleaseReason.consumed, .expired])
    func `the record says what, when and why`(_ reason: ReleaseReason) throws {
        let part = try VersionReader(batch.path("fetch")).part(0)
        try part.release(reason, message: "for the test", run: ["released_at": "2026-11-21T00:00:00Z"])
        let record = try #require(try part.released())
        #expect(record.reason == reason && record.message == "for the test")
        #expect(record.releasedAt == "2026-11-21T00:00:00Z" && record.part == part.seal.digest)
        #expect(record.objects == part.seal.rawObjects && record.objects.map(\.name) == ["objects/a", "objects/b"])
    }

    @Test func `a record of another part vouches for nothing`() throws {
        let version = try VersionReader(batch.path("fetch"))
        try version.part(1).release(.expired, message: "old", run: [:])
        try Folders.linkOrCopy(
            "\(batch.path("fetch"))/part-00001/released.json", to: "\(batch.path("fetch"))/part-00000/released.json")
        try Folders.remove("\(batch.path("fetch"))/part-00000/objects/a")
        let damages = try household.verify("fetch", 1).damages
        #expect(damages.count == 2, "the record, and the object that is gone: \(damages)")
    }

    @Test func `a flipped bit in a record is found`() throws {
        try household.keepHouse(raw: month, now: Household.later)
        let record = "\(batch.path("fetch"))/part-00000/released.json"
        let intact = try AtomicFile.read(record)
        for offset in stride(from: 0, to: intact.count, by: 7) {
            try Damaging.flip(record, at: offset)
            #expect(try !household.verify("fetch", 1).damages.isEmpty, "byte \(offset)")
            try Damaging.overwrite(record, with: intact)
        }
        #expect(try household.verify("fetch", 1).damages == [])
    }

    @Test func `bytes are freed with the last version that has them`() throws {
        try household.fetch([["a", "b"], ["c"], ["d"]])
        try household.derive("clean", from: "fetch")
        let report = try household.keepHouse(keep: 2, raw: month, now: Household.later)
        let raw = report.removals.filter { $0.kind == .raw }
        #expect(raw.count == 5, "two parts of v1, three of v2")
        let size = "the raw bytes of a".utf8.count
        #expect(raw.map(\.apparentBytes) == [2 * size, size, 2 * size, size, size])
        #expect(raw.map(\.freedBytes) == [0, 0, 2 * size, size, size])
    }
}
