import BatchFormat
import Durable
import Fault
import JSON
import StageRun
import TestBatches
import Testing

/// `current`, `held` and `pinned`: what moves them, and what later stages see.
@Suite struct GateTests {
    private let batch: TestBatch
    private let good = [[TestItem("a"), TestItem("b")]]
    private let bad = [[TestItem("a"), .rejected("b", "silent")]]

    init() throws { batch = try TestBatch() }

    private func run(_ parts: [[TestItem]], minItems: Int = 2, ratio: Double? = nil) throws -> StageOutcome {
        try batch.run("clean", parts) { $0.gates = Gates(minItems: minItems, maxRejectRatio: ratio) }.outcome
    }

    private func marks() throws -> [Int?] {
        let folder = try batch.folder("clean")
        return [folder.current(), folder.held(), folder.pinned()]
    }

    private func upstream() throws -> String { try Upstream.resolve("clean", request: batch.request()).name }

    @Test(
        arguments: [
            (0, nil, false), (1, nil, false), (2, nil, true), (0, 0.5, false), (0, 0.49, true), (0, 0, true),
            (0, 1, false),
        ] as [(Int, Double?, Bool)])
    func `gates are items and the share of rejects`(_ minItems: Int, _ ratio: Double?, _ isHeld: Bool) throws {
        let outcome = try run(bad, minItems: minItems, ratio: ratio)
        #expect((outcome.status != .current) == isHeld)
        #expect(outcome.fault?.kind == (isHeld ? .heldBack : nil))
        #expect(outcome.seal != nil)
        #expect(try marks() == (isHeld ? [nil, 1, nil] : [1, nil, nil]))
    }

    @Test func `no items at all have no share of rejects`() throws {
        #expect(try run([[]], minItems: 0, ratio: 0).status == .current)
        #expect(try run([[]], minItems: 1, ratio: 0).status == .heldBack("0 items, fewer than min_items = 1"))
    }

    @Test func `the reason names the figures`() throws {
        #expect(
            try run(bad, minItems: 0, ratio: 0.25).status
                == .heldBack("1 of 2 items rejected (0.5), more than max_reject_ratio = 0.25"))
    }

    @Test func `a held version stops the stages after it`() throws {
        _ = try run(good)
        #expect(try upstream() == "v1")
        _ = try run(bad)
        #expect(try marks() == [1, 2, nil])
        let fault = #expect(throws: Fault.self) { try upstream() }
        #expect(fault?.kind == .heldBack)
    }

    @Test func `a held version stays held until it passes`() throws {
        _ = try run(good)
        _ = try run(bad)
        #expect(try run(bad).fault?.kind == .heldBack)
        #expect(try marks() == [1, 2, nil])
        // The gate was too narrow, and is widened: nothing is made, and the version passes.
        let outcome = try run(bad, minItems: 1)
        #expect(outcome.status == .current && outcome.made == 0)
        #expect(try marks() == [2, nil, nil])
        #expect(try upstream() == "v2")
    }

    @Test func `gates that are narrowed hold the current version back`() throws {
        _ = try run(bad, minItems: 1)
        #expect(try run(bad, minItems: 2).fault?.kind == .heldBack)
        #expect(try marks() == [1, 1, nil])
        #expect(throws: Fault.self) { try upstream() }
    }

    @Test func `a better version replaces a held one`() throws {
        _ = try run(bad)
        #expect(try run(good).status == .current)
        #expect(try marks() == [2, nil, nil])
    }

    @Test func `going back to the good version lets go of the held one`() throws {
        _ = try run(good)
        _ = try run(bad)
        #expect(try run(good).status == .current)
        #expect(try marks() == [1, nil, nil])
    }

    @Test func `a pinned version passes whatever the gates say`() throws {
        _ = try run(good)
        _ = try run(bad)
        let folder = try batch.folder("clean")
        try folder.setPinned(2)
        try folder.setCurrent(2)
        #expect(try upstream() == "v2")
        #expect(try run(bad).status == .current)
        #expect(try marks() == [2, nil, 2])
    }

    @Test func `what is newer than the pin is sealed, but held back`() throws {
        _ = try run(good)
        try batch.folder("clean").setPinned(1)
        let outcome = try run([[TestItem("a"), TestItem("b"), TestItem("c")]])
        #expect(outcome.fault?.kind == .heldBack)
        #expect(outcome.status == .pinned(to: 1))
        #expect(try marks() == [1, nil, 1])
        #expect(try upstream() == "v1")
        // The pin also survives a bad version.
        _ = try run(bad)
        #expect(try marks() == [1, 3, 1])
        #expect(try upstream() == "v1")
    }

    @Test func `after unpinning the next run decides`() throws {
        _ = try run(good)
        let folder = try batch.folder("clean")
        try folder.setPinned(1)
        let newer = [[TestItem("a"), TestItem("b"), TestItem("c")]]
        _ = try run(newer)
        try folder.setPinned(nil)
        #expect(try run(newer).status == .current)
        #expect(try marks() == [2, nil, nil])
    }

    @Test func `an interrupted pin is completed`() throws {
        _ = try run(good)
        _ = try run([[TestItem("a"), TestItem("b"), TestItem("c")]])
        // `batches use v1` died between its two links.
        try batch.folder("clean").setPinned(1)
        #expect(try run([[TestItem("a"), TestItem("b"), TestItem("d")]]).fault?.kind == .heldBack)
        #expect(try marks() == [1, nil, 1])
    }

    @Test func `trials neither move current nor fail gates`() throws {
        _ = try run(good)
        for change in [
            { $0.input = "/anywhere" }, { $0.parts = .listed([0...0]) }, { $0.parts = .shard(index: 1, count: 1) },
        ] as [(inout StageRequest) -> Void] {
            let outcome = try batch.run("clean", bad) {
                $0.gates = Gates(minItems: 2, maxRejectRatio: 0)
                $0.request = change
            }.outcome
            #expect(outcome.status == .apart && outcome.fault == nil)
            #expect(try marks() == [1, nil, nil])
        }
        #expect(try batch.folder("clean").versions() == [1, 2])
        // A whole run with the same input reuses the trial's version, and applies the gates.
        #expect(try run(bad).fault?.kind == .heldBack)
        #expect(try marks() == [1, 2, nil])
    }

    @Test func `without an accepted version there is no input`() throws {
        let fault = #expect(throws: Fault.self) { try upstream() }
        #expect(fault?.kind == .missing)
        _ = try batch.run("clean", good) { $0.request = { $0.parts = .listed([0...0]) } }
        #expect(throws: Fault.self) { try upstream() }
        _ = try run(good)
        #expect(try upstream() == "v1")
        try Folders.remove(batch.path("clean"))
        let gone = #expect(throws: Fault.self) { try upstream() }
        #expect(gone?.kind == .missing)
    }

    @Test func `an input is read through the link that names it`() throws {
        _ = try run(good)
        let link = "\(try batch.folder("clean").path)/current"
        let request = batch.request { $0.input = link }
        #expect(try Upstream.resolve("clean", request: request).path.hasSuffix("/clean/v1"))
        let missing = batch.request { $0.input = "/nowhere/v1" }
        let fault = #expect(throws: Fault.self) { try Upstream.resolve("clean", request: missing) }
        #expect(fault?.kind == .missing)
        // A held-back version can be used by hand.
        _ = try run(bad)
        #expect(
            try Upstream.resolve("clean", request: batch.request { $0.input = batch.path("clean", 2) }).name == "v2")
    }
}
