import BatchFormat
import Durable
import Fault
import JSON
import Night
import PipelineConfig
import StageRun
import TestBatches
import Testing

/// Whether results were complete when they were due.
struct LatenessTests {
    /// 2026-11-21T06:00:00Z, when 2026-11-20 is due.
    private static let due = 1_795_240_800.0
    private let night: TestNight

    init() throws { night = try TestNight("[schedule]\ndue = \"06:00\"") }

    private var lateness: Lateness { Lateness(night.config, name: TestBatch.pipeline, root: night.batch.root) }

    private func runAll(except last: Int = 0) throws {
        for stage in night.config.stages.dropLast(last) { try night.batch.run(stage.stage, [[TestItem("a")]]) }
    }

    @Test func `before the due time the batch of the day before is looked at`() throws {
        #expect(try lateness.missing(now: Self.due - 1)?.batch == "2026-11-19")
        #expect(try lateness.missing(now: Self.due)?.batch == "2026-11-20")
        #expect(try lateness.missing(now: Self.due)?.due == Self.due)
    }

    @Test func `the first stage without results is named`() throws {
        #expect(try lateness.missing(now: Self.due)?.state == "fetch has not started")
        try runAll(except: 2)
        #expect(try lateness.missing(now: Self.due)?.state == "infer has not started")
        try Folders.makeAll(night.batch.path("infer"))
        #expect(try lateness.missing(now: Self.due)?.state == "infer has no sealed version")
    }

    @Test func `a night that is there is not late, one that is held back is`() throws {
        try runAll()
        #expect(try lateness.missing(now: Self.due) == nil)
        try night.batch.folder("clean").setHeld(1)
        #expect(try lateness.missing(now: Self.due)?.state == "clean is held back")
    }

    @Test func `without a schedule nothing is due`() throws {
        let plain = try TestNight()
        let lateness = Lateness(plain.config, name: TestBatch.pipeline, root: plain.batch.root)
        #expect(try lateness.missing(now: Self.due) == nil)
        #expect(lateness.due(TestBatch.batch) == nil)
    }
}
