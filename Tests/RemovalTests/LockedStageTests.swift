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
import Time

/// Housekeeping touches nothing that a run may be using.
@Suite struct LockedStageTests {
    private let household: Household
    private var batch: TestBatch { household.batch }

    init() throws {
        household = try Household()
        for ids in [["a"], ["a", "b"], ["a", "b", "c"]] {
            try household.fetch([ids])
            try household.derive("clean", from: "fetch")
            try household.derive("infer", from: "clean")
        }
    }

    private func left() throws -> [[Int]] {
        try ["fetch", "clean", "infer"].map { try household.versions($0) }
    }

    private func whileLocked(_ stage: String, _ sharing: FolderLock.Sharing = .exclusive) throws -> HousekeepingReport {
        let lock = try batch.folder(stage).lock(sharing)
        let report = try household.keepHouse()
        lock.release()
        return report
    }

    @Test func `a run of the first stage leaves the others to housekeeping`() throws {
        let report = try whileLocked("fetch")
        // What clean v3 was made from is needed anyway; v1 and v2 are kept because fetch is skipped.
        #expect(try left() == [[1, 2, 3], [3], [3]])
        #expect(report.skipped.map(\.reasons) == [["a run is working on it"]])
        #expect(try household.keepHouse().skipped.isEmpty)
        #expect(try left() == [[3], [3], [3]])
    }

    @Test(arguments: [FolderLock.Sharing.exclusive, .shared])
    func `what a run may be reading is left alone up to the source`(_ sharing: FolderLock.Sharing) throws {
        let report = try whileLocked("clean", sharing)
        #expect(try left() == [[1, 2, 3], [1, 2, 3], [3]])
        #expect(Set(report.skipped.map(\.path)) == Set(try ["fetch", "clean"].map { try batch.folder($0).path }))
    }

    @Test func `a first run that has written nothing yet keeps the whole batch`() throws {
        try Folders.make(batch.folder("store").path)
        let report = try whileLocked("store")
        #expect(try left() == [[1, 2, 3], [1, 2, 3], [1, 2, 3]])
        #expect(report.removals.isEmpty && report.skipped.count == 4)
    }

    @Test func `leftovers of a running run stay`() throws {
        let temporary = "\(batch.path("fetch", 3))/.tmp-part-00009"
        try Folders.make(temporary)
        #expect(try whileLocked("fetch").removals.allSatisfy { $0.kind != .leftover })
        #expect(Folders.exists(temporary))
    }

    @Test func `no run begins while housekeeping is in the batch`() throws {
        let folder = try batch.folder("infer")
        var seen: Fault.Kind?
        var housekeeper = Housekeeper(
            root: batch.root, dryRun: false, now: WallClock.now(), record: [:], checkStop: StopFlag.check
        ) { _ in
            do throws(Fault) { try folder.lock().release() } catch { seen = error.kind }
        }
        let report = try housekeeper.run(pipeline: nil, batch: nil) { _ in Retention { $0.keep = 1 } }
        #expect(report.removals.count == 6)
        #expect(seen == .retryLater)
        // And afterwards it may.
        try folder.lock().release()
    }

    @Test func `a dry run blocks nobody`() throws {
        let folder = try batch.folder("infer")
        var held = 0
        var housekeeper = Housekeeper(
            root: batch.root, dryRun: true, now: WallClock.now(), record: [:], checkStop: StopFlag.check
        ) { _ in
            if (try? folder.lock())?.release() == nil { held += 1 }
        }
        let report = try housekeeper.run(pipeline: nil, batch: nil) { _ in Retention { $0.keep = 1 } }
        #expect(report.removals.count == 6 && held == 0)
    }
}
