import Alerts
import BatchFormat
import Durable
import Fault
import Night
import PipelineConfig
import TestBatches
import Testing

/// The one engine: which stages are started, which are stopped, and what is reported, with stages that follow a script.
struct NightRunnerTests {
    private typealias End = ScriptedLauncher.End
    private static let stages = ["fetch", "clean", "featurize", "infer", "store"]

    private let night: TestNight

    init() throws { night = try TestNight() }

    private func plan(
        _ purpose: NightPlan.Purpose = .nightly, _ order: NightPlan.Order = .streamed, _ config: PipelineConfig? = nil
    ) throws -> NightPlan {
        try NightPlan(
            config ?? night.config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root,
            purpose: purpose, order: order)
    }

    private func run(
        _ plan: NightPlan, _ script: [String: End], noticed order: [String] = stages
    ) throws -> (report: NightReport, launcher: ScriptedLauncher) {
        var whole = Dictionary(uniqueKeysWithValues: Self.stages.map { ($0, End()) })
        whole.merge(script) { $1 }
        let launcher = ScriptedLauncher(root: night.batch.root, whole, noticed: order)
        let report = try NightRunner(plan, night.config, on: launcher, settings: NightSettings()).run()
        return (report, launcher)
    }

    private static let heldBack = [
        "clean": End(code: 10), "featurize": End(code: 10, because: "clean"),
        "infer": End(code: 75, because: "featurize"), "store": End(code: 75, because: "infer"),
    ]

    @Test(
        arguments: stages.indices.flatMap { first in
            let turned = Array(stages[first...] + stages[..<first])
            return [turned, turned.reversed()]
        })
    func `a held-back stage is the cause with one alert, whoever is noticed first`(order: [String]) throws {
        let (report, launcher) = try run(plan(), Self.heldBack, noticed: order)
        #expect(launcher.started == Self.stages)
        #expect(report.outcome.cause?.stage == "clean" && report.outcome.status.code == 10)
        #expect(report.outcome.consequences.map(\.stage) == ["featurize", "infer", "store"])
        #expect(report.raised.map(\.alert.stage) == ["clean"] && report.raised.map(\.alert.kind) == [.gateFailed])
        #expect(report.raised.first?.alert.message.contains("clean says 10") == true)
        for stage in ["featurize", "infer", "store"] {
            let ending = try #require(StageEnding(of: night.batch.folder(stage)))
            #expect(ending.because != nil, "\(stage) says on disk what it ended because of")
        }
    }

    @Test func `one after the other, a stage begins when those it reads have ended well`() throws {
        let (report, launcher) = try run(plan(.nightly, .sequential), ["infer": End(code: 78)])
        #expect(launcher.started == ["fetch", "clean", "featurize", "infer"])
        #expect(report.outcome.cause?.stage == "infer" && launcher.stopped.isEmpty)
        #expect(StageEnding(of: try night.batch.folder("store")) == nil)
    }

    @Test func `in a night the stages before the failed one go on, in a watched stream they are stopped`() throws {
        // infer is noticed first, while all are at work.
        let order = ["infer", "fetch", "clean", "featurize", "store"]
        let (nightly, first) = try run(plan(), ["infer": End(code: 78)], noticed: order)
        #expect(first.stopped == ["store"] && nightly.outcome.failures.map(\.stage) == ["infer"])
        #expect(nightly.outcome.consequences.map(\.stage) == ["store"])
        let (stream, second) = try run(plan(.stream), ["infer": End(code: 78)], noticed: order)
        #expect(second.stopped == ["fetch", "clean", "featurize", "store"])
        #expect(stream.outcome.cause?.stage == "infer" && stream.outcome.consequences.count == 4)
    }

    @Test func `a pipeline with a disk_budget is streamed, and stopped whole`() throws {
        let plan = try plan(
            .nightly, .sequential, TestNight("[stream]\nconsume = true\ndisk_budget = \"1 GiB\"").config)
        #expect(plan.order == .streamed && plan.failure == .stopsAll)
    }

    @Test func `a stage that is killed gets its ending from the one who waited`() throws {
        let (report, _) = try run(
            plan(), ["clean": End(code: 137, isWritten: false), "featurize": End(code: 75, because: "clean")])
        #expect(report.outcome.cause?.stage == "clean" && report.outcome.status == .killed)
        let ending = try #require(StageEnding(of: night.batch.folder("clean")))
        #expect(ending.status == .killed && ending.message.contains("SIGKILL") && ending.night != nil)
    }

    @Test func `an ending of an earlier run is never taken for this night's`() throws {
        let folder = try night.batch.folder("clean")
        try Folders.makeAll(folder.path)
        let old = StageEnding(
            stage: "clean", tool: "clean", status: .killed, message: "the night before", time: 0, night: "another")
        try old.write(of: folder)
        let (report, _) = try run(plan(), ["clean": End(code: 137, isWritten: false)])
        #expect(report.outcome.cause?.message == ToolExit.killed.meaning)
        // Nor one that a run by hand leaves meanwhile.
        try old.write(of: folder)
        #expect(
            StageEnding.left(by: folder, tool: "clean", night: "this", .killed).message == ToolExit.killed.meaning)
    }

    @Test func `a run that another one keeps out leaves the file alone`() throws {
        let folder = try night.batch.folder("clean")
        let lock = try folder.lock()
        let status = ToolExit(.retryLater)
        let ending = StageEnding.left(by: folder, tool: "clean", night: "this", status)
        #expect(ending.message == "another run of 'clean' is at work" && ending.status == status)
        #expect(StageEnding(of: folder) == nil)
        lock.release()
    }

    @Test func `the words of a launch are those of the plan`() throws {
        let launches = try NightPlan(
            night.config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: .stream,
            order: .streamed, wanted: .new, fetchWords: ["--watch"], isQuiet: true)
        let words = launches.steps.map { launches.launch($0).words }
        #expect(words.allSatisfy { $0.contains("--force") && $0.contains("--quiet") && $0.contains(launches.id) })
        #expect(words.map { $0.contains("--watch") } == [true, false, false, false, false])
        #expect(words.map { $0.contains("--follow") } == [false, true, true, true, true])
    }
}
