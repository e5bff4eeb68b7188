import Alerts
import BatchFormat
import Durable
import Fault
import Glibc
import Night
import PipelineConfig
import StageRun
import TestBatches
import TestKit
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
        _ plan: NightPlan, _ script: [String: End], noticed order: [String] = stages, marksStart: Bool = true
    ) throws -> (report: NightReport, launcher: ScriptedLauncher) {
        var whole = Dictionary(uniqueKeysWithValues: Self.stages.map { ($0, End()) })
        whole.merge(script) { $1 }
        let launcher = ScriptedLauncher(root: night.batch.root, whole, noticed: order, marksStart: marksStart)
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

    /// The messages of the alerts that are open, with their stages.
    private func open(_ report: NightReport) -> [String] {
        report.open.map { "\($0.alert.stage ?? "-"): \($0.alert.message.split(separator: ";")[0])" }
    }

    @Test func `when one failure is fixed and the next shows, the alert names the next`() throws {
        let (first, _) = try run(plan(), ["infer": End(code: 78, message: "no version 99")])
        #expect(open(first) == ["infer: infer ended with exit code 78: no version 99"])
        let (again, _) = try run(plan(), ["infer": End(code: 78, message: "no version 99")])
        #expect(again.raised.isEmpty && open(again) == open(first))
        let (second, _) = try run(plan(), ["infer": End(code: 78, message: "no model nope")])
        #expect(second.raised.count == 1)
        #expect(open(second) == ["infer: infer ended with exit code 78: no model nope"])
    }

    @Test func `a failure that cron tries again is one alert, in its latest words`() throws {
        for attempt in 1...3 {
            let (report, _) = try run(plan(), ["fetch": End(code: 69, message: "no answer after \(attempt) s")])
            #expect(report.raised.count == (attempt == 1 ? 1 : 0))
            #expect(open(report) == ["fetch: fetch ended with exit code 69: no answer after \(attempt) s"])
        }
    }

    @Test func `a stage that recovers takes its alert with it, though another fails`() throws {
        _ = try run(plan(), ["clean": End(code: 65)])
        let (report, _) = try run(plan(), ["infer": End(code: 78)])
        #expect(open(report) == ["infer: infer ended with exit code 78: infer says 78"])
        let (good, _) = try run(plan(), [:])
        #expect(open(good).isEmpty && good.outcome.isDone)
    }

    @Test func `what was reported of a version ends with the version`() throws {
        let rejected = (0..<9).map { TestItem.rejected("r\($0)", "silent") }
        try night.batch.run("clean", [[TestItem("a")] + rejected])
        let (first, _) = try run(plan(), [:])
        #expect(first.open.map(\.alert.kind) == [.successRate] && first.outcome.isDone)
        let (same, _) = try run(plan(), [:])
        #expect(same.open == first.open && same.raised.isEmpty)
        try night.batch.run("clean", [[TestItem("a"), TestItem("b")]])
        let (better, _) = try run(plan(), [:])
        #expect(better.open.isEmpty && better.raised.isEmpty)
    }

    @Test(arguments: [NightPlan.Order.sequential, .streamed])
    func `a stage that a night does not get to keeps what is known about it`(order: NightPlan.Order) throws {
        _ = try run(plan(.nightly, order), ["infer": End(code: 78, message: "no model")])
        let (report, _) = try run(
            plan(.nightly, order),
            [
                "clean": End(code: 65), "featurize": End(code: 75, because: "clean"),
                "infer": End(code: 75, because: "featurize"), "store": End(code: 75, because: "infer"),
            ])
        #expect(report.outcome.failures.map(\.stage) == ["clean"])
        #expect(
            open(report) == [
                "infer: infer ended with exit code 78: no model", "clean: clean ended with exit code 65: clean says 65",
            ])
        if order == .sequential {
            #expect(StageEnding(of: try night.batch.folder("infer"))?.message == "no model")
        }
    }

    @Test func `what a run by hand leaves held back stays an alert after a good night`() throws {
        try night.batch.run("clean", [[TestItem("a")]]) { $0.gates = Gates(minItems: 100, maxRejectRatio: nil) }
        let (report, _) = try run(plan(), [:])
        #expect(report.outcome.isDone && report.raised.map(\.alert.kind) == [.gateFailed])
        #expect(report.open.count == 1 && report.advice.meaning.contains("clean v1 is held back"))
    }

    @Test(arguments: [NightPlan.Order.sequential, .streamed], [NightPlan.Purpose.nightly, .stream])
    func `below a stage that is pinned the night goes on, and says so at the end`(
        order: NightPlan.Order, purpose: NightPlan.Purpose
    ) throws {
        let pinned = ["clean": End(code: 10, pinned: "v1")]
        let (report, launcher) = try run(plan(purpose, order), pinned)
        #expect(launcher.started == Self.stages && launcher.stopped.isEmpty)
        #expect(report.outcome.isWaiting && report.outcome.status.code == 10)
        #expect(report.outcome.endings.filter(\.isBad).map(\.stage) == ["clean"])
        #expect(report.raised.map(\.alert.severity) == [.warning])
        // What fails below it is the worse news, and is what the night ends with.
        let (failed, _) = try run(plan(purpose, order), pinned.merging(["infer": End(code: 78)]) { $1 })
        #expect(failed.outcome.cause?.stage == "infer" && failed.outcome.status.code == 78)
        #expect(!failed.outcome.isWaiting)
    }

    @Test func `every stage that ended because of another names the one that failed by itself`() throws {
        let (report, _) = try run(plan(), Self.heldBack)
        #expect(report.outcome.endings.map(\.because) == [nil, nil, "clean", "clean", "clean"])
        for stage in ["featurize", "infer", "store"] {
            let ending = try #require(StageEnding(of: night.batch.folder(stage)))
            #expect(ending.because == "clean" && ending.message.hasPrefix("\(stage) says"))
        }
    }

    @Test func `a tool that does not stop is killed, and the night ends`() throws {
        let tools = try ScratchFolder()
        let folder = "\(night.batch.root)/\(TestBatch.pipeline)/\(TestBatch.batch)"
        // Each marks its beginning, as the real ones do, and then hears nothing.
        let sleeper = """
            #!/bin/sh
            case "$*" in *--runs-only*) exit 0;; *"--stage infer"*) exit 65;; esac
            stage=$4
            while [ $# -gt 1 ]; do [ "$1" = --night ] && night=$2; shift; done
            mkdir -p "\(folder)/$stage/.locks"
            echo "begun $night" > "\(folder)/$stage/.locks/writer"
            exec sleep 1000
            """
        for stage in Self.stages { chmod(try tools.write(stage, sleeper), 0o755) }
        let launcher = LocalLauncher(tools: tools.path, grace: 0.2)
        let report = try NightRunner(plan(.stream), night.config, on: launcher, settings: NightSettings()).run()
        #expect(report.outcome.cause?.stage == "infer" && report.outcome.status.code == 65)
        let killed = report.outcome.consequences
        #expect(killed.map(\.stage) == ["fetch", "clean", "featurize"])
        #expect(killed.allSatisfy { $0.status == .killed && $0.because == "infer" }, "\(killed)")
    }

    @Test(arguments: [NightPlan.Order.sequential, .streamed])
    func `a night can start with a later stage, which reads what was kept`(order: NightPlan.Order) throws {
        let plan = try NightPlan(
            night.config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: .nightly,
            order: order, from: "featurize")
        #expect(plan.steps.map(\.stage) == ["featurize", "infer", "store"])
        let follows = plan.steps.map { plan.launch($0).words.contains("--follow") }
        #expect(follows == (order == .streamed ? [false, true, true] : [false, false, false]))
        let (report, launcher) = try run(plan, [:])
        #expect(launcher.started == ["featurize", "infer", "store"] && report.outcome.isDone)
        let (failed, second) = try run(plan, ["infer": End(code: 78)])
        #expect(failed.outcome.cause?.stage == "infer" && !second.started.contains("clean"))
    }

    @Test func `a stage that reads what is run and what is not follows what is run`() throws {
        let config = try TestNight(
            """
            [other]
            tool = "infer"
            model = "digits@1"
            [store]
            input = ["infer", "other"]
            url = "sqlite:x.db"
            [stream]
            consume = true
            disk_budget = "1 GiB"
            """
        ).config
        let plan = try NightPlan(
            config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: .nightly,
            order: .streamed, from: "other")
        #expect(plan.steps.map(\.stage) == ["other", "store"])
        // What no run is writing is read as it is, and the rest is followed.
        let words = plan.launch(plan.steps[1]).words
        #expect(words.contains("--follow") && Array(words.suffix(2)) == ["--ended", "infer"], "\(words)")
        #expect(throws: Fault.self) {
            try NightPlan(
                config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: .nightly,
                from: "infr")
        }
    }

    @Test(arguments: [("ENOSPC", Int32(74)), ("EROFS", 74), ("EACCES", 77)], [NightPlan.Purpose.nightly, .backfill])
    func `a night that the disk does not let begin notifies the channels and has the disk's code`(
        _ effect: (name: String, code: Int32), _ purpose: NightPlan.Purpose
    ) throws {
        let news = try ScratchFolder()
        let night = try TestNight("[alerts]\ncommand = [\"sh\", \"-c\", \"cat >>\\\"$0\\\"\", \"\(news["news"])\"]")
        #expect(FaultInjection.arm("any:1+:\(effect.name):\(night.batch.root)"))
        defer { FaultInjection.disarm(folder: night.batch.root) }
        let plan = try NightPlan(
            night.config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: purpose)
        let launcher = ScriptedLauncher(root: night.batch.root, [:], noticed: [])
        let report = try NightRunner(plan, night.config, on: launcher, settings: NightSettings()).run()
        #expect(report.outcome.status.code == effect.code && launcher.started.isEmpty)
        #expect(report.raised.count == 1 && report.warnings.contains { $0.contains("cannot be recorded") })
        let text = String(decoding: try AtomicFile.read(news["news"]), as: UTF8.self)
        #expect(text.contains("the night did not begin, exit code \(effect.code)") && text.contains(night.batch.root))
    }

    @Test func `a failure on a full disk is sent though it cannot be recorded, and its end ends it`() throws {
        let news = try ScratchFolder()
        let night = try TestNight("[alerts]\ncommand = [\"sh\", \"-c\", \"cat >>\\\"$0\\\"\", \"\(news["news"])\"]")
        try Folders.makeAll(night.batch.address.path)
        #expect(FaultInjection.arm("any:1+:ENOSPC:\(night.batch.root)"))
        defer { FaultInjection.disarm(folder: night.batch.root) }
        let plan = try NightPlan(
            night.config, name: TestBatch.pipeline, batch: TestBatch.batch, root: night.batch.root, purpose: .nightly)
        let script = Dictionary(uniqueKeysWithValues: Self.stages.map { ($0, End(code: 74, isWritten: false)) })
        let launcher = ScriptedLauncher(root: night.batch.root, script, noticed: Self.stages)
        let report = try NightRunner(plan, night.config, on: launcher, settings: NightSettings()).run()
        #expect(report.outcome.status.code == 74 && report.outcome.cause?.stage == "fetch")
        #expect(
            String(decoding: try AtomicFile.read(news["news"]), as: UTF8.self).contains("fetch ended with exit code 74")
        )
    }

    @Test func `a stage whose good end cannot be shown to its followers ends with the disk's code`() throws {
        try Folders.makeAll(night.batch.address.path)
        #expect(FaultInjection.arm("any:1+:ENOSPC:\(night.batch.root)"))
        defer { FaultInjection.disarm(folder: night.batch.root) }
        let (report, _) = try run(plan(), ["fetch": End(isWritten: false)])
        #expect(report.outcome.cause?.stage == "fetch" && report.outcome.status.code == 74)
    }

    @Test func `where no run can mark its beginning, each stage waits for those it reads to end`() throws {
        let (report, launcher) = try run(plan(), [:], marksStart: false)
        #expect(report.outcome.isDone && launcher.started == Self.stages)
        let plan = try plan()
        let store = try #require(plan.steps.last)
        #expect(!plan.launch(store, ended: ["infer"]).words.contains("--follow"))
    }

    @Test func `what ends because one stage was stopped names it, in a night that nobody stopped`() throws {
        let (report, _) = try run(
            plan(),
            [
                "clean": End(code: 143), "featurize": End(code: 75, because: "clean"),
                "infer": End(code: 75, because: "featurize"), "store": End(code: 75, because: "infer"),
            ],
            noticed: ["clean", "featurize", "infer", "store", "fetch"])
        #expect(report.outcome.failures.map(\.stage) == ["clean"])
        #expect(report.outcome.endings.map(\.because) == [nil, nil, "clean", "clean", "clean"])
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
