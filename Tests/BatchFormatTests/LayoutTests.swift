import BatchFormat
import Durable
import Fault
import TestBatches
import Testing

@Suite struct LayoutTests {
    private let batch: TestBatch
    private let folder: StageFolder

    init() throws {
        batch = try TestBatch()
        folder = try batch.folder("clean")
    }

    @Test func `invalid names are refused`() {
        for (pipeline, day, stage) in [("..", "b", "s"), ("p", "a/b", "s"), ("p", "b", "")] {
            let fault = #expect(throws: Fault.self) {
                _ = try BatchAddress(root: "/r", pipeline: pipeline, batch: day).stage(stage)
            }
            #expect(fault?.kind == .usage)
        }
    }

    @Test(
        arguments: [
            ("v1", 1), ("v12", 12), ("v0", nil), ("v01", nil), ("v+1", nil), ("v-1", nil), ("v", nil), ("1", nil),
            ("V1", nil),
            ("v1 ", nil), ("v99999999999999999999", nil),
        ] as [(String, Int?)])
    func `versions are numbered from one`(_ name: String, _ number: Int?) {
        #expect(StageFolder.number(name) == number)
    }

    @Test(
        arguments: [
            ("part-00000", 0), ("part-00012", 12), ("part-99999", 99999), ("part-100000", 100000), ("part-0", nil),
            ("part-000000", nil), ("part--0001", nil), ("part-", nil), (".tmp-part-00000", nil),
        ] as [(String, Int?)])
    func `parts are numbered with five digits`(_ name: String, _ index: Int?) {
        #expect(VersionFolder.partIndex(name) == index)
        if let index { #expect(VersionFolder.partName(index) == name) }
    }

    @Test func `versions come in the order of their numbers`() throws {
        #expect(try folder.versions().isEmpty)
        for name in ["v10", "v9", "v1", ".tmp-v11", "current", ".locks"] {
            try Folders.makeAll("\(folder.path)/\(name)")
        }
        #expect(try folder.versions() == [1, 9, 10])
    }

    @Test func `sealed parts come in the order of their numbers`() throws {
        let version = folder.version(1)
        for name in ["part-100000", "part-99999", "part-00002", ".tmp-part-00003", "part-00001"] {
            try Folders.makeAll("\(version)/\(name)")
            if name != "part-00001" { try AtomicFile.write([], to: "\(version)/\(name)/part.json") }
        }
        #expect(try VersionFolder.sealedParts(in: version) == ["part-00002", "part-99999", "part-100000"])
        try VersionFolder.removeTemporaries(in: version)
        #expect(try Folders.names(in: version) == ["part-00001", "part-00002", "part-100000", "part-99999"])
    }

    @Test func `current points only at sealed versions`() throws {
        try Folders.makeAll(folder.version(1))
        let fault = #expect(throws: Fault.self) { try folder.setCurrent(1) }
        #expect(fault?.kind == .missing)
        #expect(folder.current() == nil)
        try AtomicFile.write([], to: "\(folder.version(1))/batch.json")
        try folder.setCurrent(1)
        #expect(folder.current() == 1)
        #expect(Folders.linkTarget("\(folder.path)/current") == "v1")
    }

    @Test func `marks are set and removed`() throws {
        try Folders.makeAll(folder.path)
        #expect(folder.pinned() == nil && folder.held() == nil)
        try folder.setPinned(nil)
        try folder.setPinned(3)
        try folder.setHeld(4)
        #expect(folder.pinned() == 3 && folder.held() == 4)
        try folder.setPinned(nil)
        try folder.setHeld(nil)
        #expect(folder.pinned() == nil && folder.held() == nil)
        #expect(try Folders.names(in: folder.path).isEmpty)
    }

    @Test func `the stage's lock is refused with 75`() throws {
        let lock = try folder.lock()
        let fault = #expect(throws: Fault.self) { try folder.lock(.shared).release() }
        #expect(fault?.kind == .retryLater)
        lock.release()
        try folder.lock(.shared).release()
    }

    @Test func `what is damaged is not built on`() throws {
        try batch.run("clean", [[TestItem("a")]])
        try batch.run("clean", [[TestItem("b")]])
        #expect(try folder.newestSealed()?.name == "v2")
        try Damaging.flip("\(folder.version(2))/batch.json", at: 40)
        #expect(try folder.readable(2)?.name == nil)
        #expect(try folder.readable(3)?.name == nil)
        #expect(try folder.newestSealed()?.name == "v1")
        try Damaging.flip("\(folder.version(1))/batch.json", at: 40)
        #expect(try folder.newestSealed()?.name == nil)
    }
}
