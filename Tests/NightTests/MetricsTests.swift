import Alerts
import BatchFormat
import Durable
import Fault
import JSON
import Night
import PipelineConfig
import StageRun
import TestBatches
import TestKit
import TestServers
import Testing

/// The textfile for Prometheus, read by Prometheus's own client library.
struct MetricsTests {
    private let night: TestNight

    init() throws {
        night = try TestNight()
        try night.ending("store", .unavailable).write(of: night.batch.folder("store"))
        for stage in night.config.stages where stage.stage != "store" {
            try night.batch.run(stage.stage, [[TestItem("a"), TestItem("b"), .rejected("c", "a \"reason\\")]])
        }
    }

    private func report(code: Int32 = 0, open: [RaisedAlert] = []) throws -> NightReport {
        NightReport(
            pipeline: "digits", batch: TestBatch.batch,
            outcome: NightOutcome(
                [
                    StageEnding(
                        stage: "infer", tool: "infer", status: ToolExit(code: code), message: "it ended", time: 0)
                ], order: ["infer"]), began: 0, seconds: 12.5,
            stages: try night.config.stages.map { try night.figures($0.stage) }, raised: [], open: open,
            undelivered: 3, warnings: [])
    }

    private func parsed(_ text: String) throws -> JSON {
        try JSON(parsing: TestPython.run("read_metrics.py", input: text))
    }

    /// The value of a sample with a label of this value.
    private func value(_ family: String, _ label: String = "digits", in metrics: JSON) -> Double? {
        let samples = metrics[family]?["samples"]?.array ?? []
        let found = samples.first { sample in
            sample.array?[1].object?.members.contains { $0.value == .string(label) } == true
        }
        return found?.array?[2].double
    }

    private func text(_ report: NightReport, late: Bool = false, earlier: String? = nil) -> String {
        NightMetrics.text(report, late: late, day: 86_400, now: 1_795_240_800.25, earlier: earlier)
    }

    @Test func `every figure is there, with its type and its labels`() throws {
        let metrics = try parsed(text(report()))
        // The library names a counter's family without its suffix.
        #expect(metrics["nocturne_stage_items"]?["type"] == "counter")
        #expect(value("nocturne_stage_items", "clean", in: metrics) == 2)
        #expect(value("nocturne_stage_rejected", "a \"reason\\", in: metrics) == 1)
        let ratio = try #require(value("nocturne_stage_success_ratio", "infer", in: metrics))
        #expect(abs(ratio - 2.0 / 3) < 1e-12)
        let peak = try #require(value("nocturne_stage_peak_memory_bytes", "infer", in: metrics))
        #expect(peak == (try night.figures("infer").peakMemoryBytes).map(Double.init))
        #expect(try #require(value("nocturne_stage_seconds", "infer", in: metrics)) >= 0)
        #expect(try #require(value("nocturne_stage_last_success_timestamp_seconds", "infer", in: metrics)) > 1.7e9)
        #expect(value("nocturne_stage_last_success_timestamp_seconds", "store", in: metrics) == 0)
        #expect(value("nocturne_stage_held_back", "clean", in: metrics) == 0)
        #expect(value("nocturne_stage_exit_code", "store", in: metrics) == 69)
        #expect(value("nocturne_stage_exit_code", "clean", in: metrics) == nil, "it has not said how it ended")
        #expect(value("nocturne_night_exit_code", in: metrics) == 0)
        #expect(value("nocturne_night_seconds", in: metrics) == 12.5)
        #expect(value("nocturne_night_last_success_timestamp_seconds", in: metrics) == 1_795_240_800.25)
        #expect(value("nocturne_night_batch_timestamp_seconds", in: metrics) == 86_400)
        #expect(value("nocturne_night_alerts_undelivered", in: metrics) == 3)
        for (_, family) in try #require(metrics.object).members {
            #expect(family["help"]?.string?.isEmpty == false)
            #expect(["counter", "gauge"].contains(family["type"]?.string))
        }
    }

    @Test func `a failed night carries the last success on`() throws {
        let good = text(try report())
        let failed = try parsed(text(report(code: 78), late: true, earlier: good))
        #expect(value("nocturne_night_last_success_timestamp_seconds", in: failed) == 1_795_240_800.25)
        #expect(value("nocturne_night_exit_code", in: failed) == 78)
        #expect(value("nocturne_night_late", in: failed) == 1)
        let first = try parsed(text(report(code: 78), earlier: "nonsense\n"))
        #expect(value("nocturne_night_last_success_timestamp_seconds", in: first) == 0, "never")
    }

    @Test func `alerts are counted by kind, zeros too`() throws {
        let alert = Alert(
            pipeline: "digits", batch: TestBatch.batch, kind: .nightLate, severity: .critical, cause: "x", message: "")
        let metrics = try parsed(text(report(open: [RaisedAlert(id: "x", alert: alert, raisedAt: "y")])))
        #expect(value("nocturne_night_alerts", "night_late", in: metrics) == 1)
        #expect(value("nocturne_night_alerts", "slow_batch", in: metrics) == 0)
        #expect(value("nocturne_night_alerts", "test", in: metrics) == nil)
    }

    @Test func `the file is whole, readable by others, and alone`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["nocturne-digits.prom"]
        for code: Int32 in [0, 10] {
            try NightMetrics.write(report(code: code), late: false, day: nil, now: 1, to: path)
        }
        #expect(try Folders.names(in: scratch.path) == ["nocturne-digits.prom"])
        let metrics = try parsed(String(decoding: AtomicFile.read(path), as: UTF8.self))
        #expect(value("nocturne_night_last_success_timestamp_seconds", in: metrics) == 1)
        #expect(metrics["nocturne_night_batch_timestamp_seconds"] == nil)
        #expect(throws: Fault.self) {
            try NightMetrics.write(report(), late: false, day: nil, now: 1, to: scratch["none/x.prom"])
        }
    }

    @Test func `the rules ask for figures that there are`() throws {
        let metrics = try #require(try parsed(text(report())).object)
        var names: Set<String> = []
        for (name, family) in metrics.members {
            names.insert(family["type"] == "counter" ? name + "_total" : name)
        }
        // Without audio, this metric is absent here.
        names.insert("nocturne_stage_real_time_factor")
        let rules = String(
            decoding: try AtomicFile.read(Checkout.path("pipelines/prometheus/nocturne.rules.yml")),
            as: UTF8.self)
        let asked = rules.matches(of: /nocturne_(?:stage|night)_[a-z_]+/).map { String($0.output) }
        #expect(asked.count >= 8)
        #expect(Set(asked).subtracting(names).isEmpty)
    }
}
