import BatchFormat
import Durable
import Fault
import Inspection
import StageRun
import TestBatches
import Testing

@Suite struct PinningTests {
    private let batch: TestBatch
    private let folder: StageFolder

    init() throws {
        batch = try TestBatch()
        folder = try batch.folder("clean")
        try batch.run("clean", [[TestItem("a"), TestItem("b")]])
        try batch.run("clean", [[TestItem("a")]]) { $0.gates = Gates(minItems: 2, maxRejectRatio: nil) }
    }

    private var marks: [Int?] { [folder.current(), folder.held(), folder.pinned()] }

    @Test func `accepting a held version lets the stages after it run`() throws {
        #expect(marks == [1, 2, nil])
        try Pinning.use(2, in: folder)
        #expect(marks == [2, nil, 2])
        #expect(try Upstream.resolve("clean", request: batch.request()).name == "v2")
        // The gate still fails, but a person has decided.
        let run = try batch.run("clean", [[TestItem("a")]]) { $0.gates = Gates(minItems: 2, maxRejectRatio: nil) }
        #expect(run.outcome.status == .current)
        #expect(marks == [2, nil, 2])
    }

    @Test func `pinning the old version leaves the new one held`() throws {
        try Pinning.use(1, in: folder)
        #expect(marks == [1, 2, 1])
        #expect(try Upstream.resolve("clean", request: batch.request()).name == "v1")
        try Pinning.unpin(folder)
        #expect(marks == [1, 2, nil])
        let fault = #expect(throws: Fault.self) { try Upstream.resolve("clean", request: batch.request()) }
        #expect(fault?.kind == .heldBack)
    }

    @Test func `only sealed versions can be used`() throws {
        try Folders.remove("\(batch.path("clean", 2))/batch.json")
        for number in [2, 3, 0] {
            let fault = #expect(throws: Fault.self) { try Pinning.use(number, in: folder) }
            #expect(fault?.kind == .missing)
        }
        try Damaging.flip("\(batch.path("clean"))/batch.json", at: 20)
        let damaged = #expect(throws: Fault.self) { try Pinning.use(1, in: folder) }
        #expect(damaged?.kind == .damaged)
        #expect(marks == [1, 2, nil])
    }

    @Test func `nobody decides while a run writes`() throws {
        let lock = try folder.lock(.shared)
        let using = #expect(throws: Fault.self) { try Pinning.use(1, in: folder) }
        #expect(using?.kind == .retryLater)
        let unpinning = #expect(throws: Fault.self) { try Pinning.unpin(folder) }
        #expect(unpinning?.kind == .retryLater)
        lock.release()
        #expect(marks == [1, 2, nil])
    }

    @Test func `unpinning does not make a missing stage`() throws {
        let other = try batch.folder("infer")
        let fault = #expect(throws: Fault.self) { try Pinning.unpin(other) }
        #expect(fault?.kind == .missing)
        #expect(!Folders.exists(other.path))
    }
}
