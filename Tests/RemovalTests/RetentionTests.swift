import BatchFormat
import Durable
import Fault
import JSON
import PipelineConfig
import Processes
import Removal
import StageRun
import TestBatches
import Testing

/// Which versions are removed, which stay, and why.
@Suite struct RetentionTests {
    private let household: Household
    private var batch: TestBatch { household.batch }

    init() throws { household = try Household() }

    private func folder(_ stage: String) throws -> StageFolder { try batch.folder(stage) }

    /// Versions of clean with one item more each, made from nothing.
    private func cleanVersions(_ count: Int) throws {
        for number in 1...count { try batch.run("clean", [(0..<number).map { TestItem("i\($0)") }]) }
    }

    @Test(arguments: [(1, [4]), (2, [3, 4]), (3, [2, 3, 4]), (9, [1, 2, 3, 4])])
    func `the newest versions stay`(keep: Int, expected: [Int]) throws {
        try cleanVersions(4)
        let report = try household.keepHouse(keep: keep)
        #expect(try household.versions("clean") == expected)
        #expect(report.removals.map(\.kind) == Array(repeating: .version, count: 4 - expected.count))
        for number in expected { #expect(try household.verify("clean", number).damages == []) }
        #expect(try Folders.names(in: folder("clean").path).allSatisfy { !$0.hasPrefix(".tmp-") })
    }

    @Test func `current, pinned and held versions stay`() throws {
        try cleanVersions(5)
        try folder("clean").setCurrent(1)
        try folder("clean").setPinned(2)
        try folder("clean").setHeld(3)
        try household.keepHouse()
        #expect(try household.versions("clean") == [1, 2, 3, 5])
    }

    @Test func `what a kept version was made from stays`() throws {
        try household.fetch([["a"]])
        try household.derive("clean", from: "fetch")
        try household.derive("infer", from: "clean")
        try folder("infer").setPinned(1)
        for ids in [["a", "b"], ["a", "b", "c"]] {
            try household.fetch([ids])
            try household.derive("clean", from: "fetch")
        }
        let report = try household.keepHouse()
        #expect(try household.versions("infer") == [1])
        #expect(try household.versions("clean") == [1, 3], "infer v1 was made from clean v1")
        #expect(try household.versions("fetch") == [1, 3], "and clean v1 from fetch v1")
        let kept = report.kept.first { $0.path == batch.path("fetch", 1) }
        #expect(kept?.reasons == ["read by clean v1"])
    }

    @Test func `what another batch tried stays`() throws {
        try cleanVersions(3)
        let reference = try VersionReader(batch.path("clean", 1)).reference
        let other = try TestBatch()
        try other.run("infer", [[TestItem("i0")]]) { $0.inputs = [reference] }
        try Folders.makeAll("\(batch.root)/\(TestBatch.pipeline)/2026-11-21")
        try Folders.rename(
            other.folder("infer").path, to: "\(batch.root)/\(TestBatch.pipeline)/2026-11-21/infer")
        try household.keepHouse()
        #expect(try household.versions("clean") == [1, 3])
    }

    @Test func `a version is kept by digest and not by number`() throws {
        try household.fetch([["a"]])
        try household.derive("clean", from: "fetch")
        for ids in [["a", "b"], ["a", "b", "c"]] { try household.fetch([ids]) }
        // A person put the version back under another number.
        try Folders.rename(batch.path("fetch", 2), to: "\(batch.root)/aside")
        try Folders.rename(batch.path("fetch", 1), to: batch.path("fetch", 2))
        try Folders.rename("\(batch.root)/aside", to: batch.path("fetch", 1))
        try household.keepHouse()
        #expect(try household.versions("fetch") == [2, 3])
    }

    @Test func `a stage without a current version keeps all that is sealed`() throws {
        try cleanVersions(3)
        try Folders.remove("\(folder("clean").path)/current")
        try household.keepHouse()
        #expect(try household.versions("clean") == [1, 2, 3])
    }

    @Test func `a link with an unknown target stops housekeeping there`() throws {
        try cleanVersions(3)
        try Folders.pointLink("\(folder("clean").path)/current", at: batch.path("clean", 1))
        let report = try household.keepHouse()
        #expect(try household.versions("clean") == [1, 2, 3])
        #expect(report.kept.first?.reasons.first?.contains("points at no version") == true)
    }

    @Test func `a damaged seal does not destroy the evidence`() throws {
        try cleanVersions(3)
        try Damaging.flip("\(batch.path("clean", 1))/batch.json", at: 30)
        try household.keepHouse()
        #expect(try household.versions("clean") == [1, 3])
    }

    @Test func `damaged versions do not count among the newest`() throws {
        try cleanVersions(3)
        try Damaging.flip("\(batch.path("clean", 3))/batch.json", at: 30)
        try household.keepHouse()
        #expect(try household.versions("clean") == [2, 3])
    }

    @Test func `unsealed versions go when no run can continue them`() throws {
        try cleanVersions(2)
        for number in [1, 2] { try Folders.remove("\(batch.path("clean", number))/batch.json") }
        try batch.run("clean", [(0..<3).map { TestItem("i\($0)") }])
        try Folders.make(batch.path("clean", 4))
        // 1 and 2 were superseded by 3; for a day, a run can continue 4.
        try household.keepHouse()
        #expect(try household.versions("clean") == [3, 4])
        let report = try household.keepHouse(now: Household.later)
        #expect(try household.versions("clean") == [3])
        #expect(report.removals.map(\.kind) == [.unsealed])
    }

    @Test func `what an unfinished version was made from stays`() throws {
        try household.fetch([["a"]])
        try household.derive("clean", from: "fetch")
        try Folders.remove("\(batch.path("clean", 1))/batch.json")
        try Folders.remove("\(folder("clean").path)/current")
        for ids in [["a", "b"], ["a", "b", "c"]] { try household.fetch([ids]) }
        try household.keepHouse()
        #expect(try household.versions("fetch") == [1, 3])
        try household.keepHouse(now: Household.later)
        #expect(try household.versions("fetch") == [3] && household.versions("clean").isEmpty)
    }

    @Test func `leftovers go`() throws {
        try cleanVersions(1)
        let paths = ["\(try folder("clean").path)/.tmp-v2", "\(batch.path("clean"))/.tmp-part-00001"]
        for path in paths { try Folders.makeAll("\(path)/deep") }
        let report = try household.keepHouse()
        #expect(report.removals.map(\.path) == paths && report.removals.allSatisfy { $0.kind == .leftover })
        #expect(paths.allSatisfy { !Folders.exists($0) })
    }

    @Test func `what is not a stage is left alone`() throws {
        try cleanVersions(1)
        let own = "\(batch.root)/\(TestBatch.pipeline)/\(TestBatch.batch)/notes/.tmp-mine"
        try Folders.makeAll(own)
        #expect(try household.keepHouse().removals.isEmpty)
        #expect(Folders.exists(own))
    }

    @Test func `sizes are what the disk gets back`() throws {
        // The first part is the same in both versions, the second only in one of them.
        let (same, other) = (
            TestItem("a", samples: [Float](repeating: 1, count: 5000)), TestItem("b", samples: [1, 2])
        )
        try batch.run("clean", [[same]])
        try batch.run("clean", [[same], [other]])
        let report = try household.keepHouse(dryRun: true)
        #expect(report.removals.map(\.path) == [batch.path("clean", 1)])
        let removal = try #require(report.removals.first)
        #expect(removal.apparentBytes > 20_000, "the tensors' bytes are among what the version shows")
        #expect(removal.freedBytes > 0 && removal.freedBytes < 10_000, "but they stay with v2")
        #expect(try household.versions("clean") == [1, 2], "a dry run removes nothing")
        let both = try household.keepHouse()
        #expect(both.apparentBytes == report.apparentBytes && both.freedBytes == report.freedBytes)
        #expect(try household.verify("clean", 2).damages == [])
    }

    @Test func `a run continues as if nothing had happened`() throws {
        try cleanVersions(4)
        try household.keepHouse()
        let again = try batch.run("clean", [(0..<4).map { TestItem("i\($0)") }])
        #expect(again.made == [] && again.outcome.path == batch.path("clean", 4))
        let next = try batch.run("clean", [(0..<5).map { TestItem("i\($0)") }])
        #expect(next.outcome.path == batch.path("clean", 5))
    }

    @Test func `pipelines and batches that are not there are missing`() throws {
        try cleanVersions(1)
        for (pipeline, day) in [("other", nil), (TestBatch.pipeline, "1999-01-01")] as [(String, String?)] {
            var housekeeper = Housekeeper(
                root: batch.root, dryRun: false, now: 0, record: [:], checkStop: StopFlag.check)
            let fault = #expect(throws: Fault.self) {
                try housekeeper.run(pipeline: pipeline, batch: day) { _ in Retention() }
            }
            #expect(fault?.kind == .missing)
        }
    }
}
