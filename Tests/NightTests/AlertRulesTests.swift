import Alerts
import BatchFormat
import Fault
import JSON
import Night
import StageRun
import TestBatches
import Testing

/// Which of a night's figures and endings are worth an alert.
struct AlertRulesTests {
    private let good = [[TestItem("a"), TestItem("b")]]
    private let bad = [[TestItem("a"), .rejected("b", "inference_failed")]]

    private func kinds(_ night: TestNight, _ stage: String, memory: Int = 64 << 30) throws -> [Alert.Kind] {
        night.rules(memory: memory).alerts(of: try night.figures(stage)).map(\.kind)
    }

    @Test func `a stage that went well, and one that is not there, raise nothing`() throws {
        let night = try TestNight()
        try night.batch.run("infer", good)
        #expect(try kinds(night, "infer").isEmpty)
        #expect(try kinds(night, "clean").isEmpty)
    }

    @Test(arguments: [("80%", true), ("50%", false), ("0%", false)])
    func `too few items kept`(floor: String, isAlert: Bool) throws {
        let night = try TestNight("[alerts]\nmin_success_rate = \"\(floor)\"")
        try night.batch.run("infer", bad)
        let alerts = night.rules().alerts(of: try night.figures("infer"))
        #expect(alerts.map(\.kind) == (isAlert ? [.successRate] : []))
        guard isAlert else { return }
        #expect(alerts[0].detail["success_rate"] == 0.5)
        #expect(alerts[0].detail["rejected_by_reason"] == ["inference_failed": 1])
        #expect(alerts[0].version == "v1" && alerts[0].severity == .warning)
    }

    @Test func `a version that a gate holds back is reported once, with the gate's reason`() throws {
        let night = try TestNight()
        try night.batch.run("infer", bad) { $0.gates = Gates(minItems: 0, maxRejectRatio: 0.25) }
        #expect(night.rules().alerts(of: try night.figures("infer")).map(\.message) == ["infer v1 held back by a gate"])
        let reason = "v1 held back: 1 of 2 items rejected (0.5), more than max_reject_ratio = 0.25"
        let ending = night.ending("infer", .heldBack, reason, version: "v1")
        try ending.write(of: night.batch.folder("infer"))
        let alerts = night.rules().alerts(of: try night.figures("infer"))
        #expect(alerts.map(\.kind) == [.gateFailed])
        #expect(
            alerts[0].message
                == "infer v1 held back: 1 of 2 items rejected (0.5), more than max_reject_ratio = 0.25")
        #expect(alerts[0].severity == .critical)
        #expect(night.rules().failure(ending, of: try night.figures("infer")) == nil)
    }

    @Test func `a stage that took much of the machine's memory`() throws {
        let night = try TestNight("[alerts]\nmemory = \"50%\"")
        try night.batch.run("infer", good)
        let peak = try #require(try night.figures("infer").peakMemoryBytes)
        #expect(try kinds(night, "infer", memory: peak * 2) == [.memory])
        #expect(try kinds(night, "infer", memory: peak * 2 + 2) == [])
        #expect(try kinds(night, "infer", memory: 0) == [], "a machine that does not tell")
    }

    @Test func `a run that said itself that memory is short`() throws {
        let night = try TestNight()
        try night.batch.run("infer", good)
        try night.log("infer") { events in
            events.record(FootprintsNotKept("no matter"))
            for _ in 0..<3 { events.record(MemorySoft("75 % used", need: "", usedBytes: 75, limitBytes: 100)) }
        }
        let alerts = night.rules().alerts(of: try night.figures("infer"))
        #expect(alerts.map(\.kind) == [.memory])
        #expect(alerts[0].message == "75 % used: batches are halved")
        #expect(alerts[0].detail == ["event": "memory_soft", "used_bytes": 75, "limit_bytes": 100])
    }

    @Test func `a batch that took many times the median`() throws {
        let night = try TestNight("[alerts]\nslow_batch = 4\nslow_batch_least = \"100 ms\"")
        try night.batch.run("infer", good)
        try night.log("infer") { events in
            for _ in 0..<20 { events.recordBatch(seconds: 0.1) }
            for seconds in [0.39, 0.5, 1.0, 0.1] { events.recordBatch(seconds: seconds) }
        }
        let alerts = night.rules().alerts(of: try night.figures("infer"))
        #expect(alerts.map(\.kind) == [.slowBatch])
        #expect(alerts[0].detail["slow_batches"] == 2)
        #expect(alerts[0].detail["factor"]?.double == 10)
        #expect(alerts[0].message.contains("part-00003"))
        let off = try TestNight("[alerts]\nslow_batch = 0")
        try off.batch.run("infer", good)
        try off.log("infer") { events in
            for _ in 0..<20 { events.recordBatch(seconds: 0.1) }
            events.recordBatch(seconds: 100)
        }
        #expect(try kinds(off, "infer").isEmpty)
    }

    @Test func `a log that makes no sense is passed over`() throws {
        let night = try TestNight()
        try night.batch.run("infer", good)
        let most = Int.max
        try night.log(
            "infer",
            lines: [
                #"{"level": "debug", "event": "batch", "part": "p", "items": \#(most), "length": \#(most), "seconds": 1}"#,
                #"{"level": "debug", "event": "batch", "part": "p", "items": "many"}"#,
                #"{"level": "debug", "event": "batch", "seconds": null, "length": -1}"#,
                #"{"level": "warning", "event": "memory_soft"}"#, #"{"level": "warning", "event": "mem"#,
            ])
        #expect(try kinds(night, "infer").isEmpty)
    }

    @Test func `a failed stage says its code, its own words and what to do`() throws {
        let night = try TestNight()
        try night.log("infer", 1) { events in events.record(Explained("a run")) }
        let figures = try night.figures("infer")
        #expect(figures.state == "no sealed version")
        let ending = night.ending("infer", .configuration, "the model is not registered", version: "v1")
        let alert = try #require(night.rules().failure(ending, of: figures))
        #expect(alert.kind == .stageFailed && alert.severity == .critical && alert.version == "v1")
        #expect(
            alert.message.hasPrefix("infer ended with exit code 78: the model is not registered; fix pipeline.toml"))
        #expect(alert.detail == ["exit_code": 78, "retried": false])
    }

    @Test func `a stage that failed before it had a version has its own words too`() throws {
        let night = try TestNight()
        let alert = try #require(
            night.rules().failure(night.ending("fetch", .unavailable, "no answer from the bucket"), of: nil))
        #expect(alert.message.hasPrefix("fetch ended with exit code 69: no answer from the bucket; cron tries again"))
        #expect(alert.version == nil && alert.cause == "exit-69")
    }

    @Test func `what cron tries again by itself is a warning, a stop is nothing`() throws {
        let night = try TestNight()
        for (kind, severity) in [
            (.unavailable, .warning), (.retryLater, .warning), (.defect, .critical), (.heldBack, .critical),
        ] as [(Fault.Kind, Alert.Severity)] {
            let alert = try #require(night.rules().failure(night.ending("fetch", kind), of: nil))
            #expect(alert.severity == severity)
            #expect(alert.kind == (kind == .heldBack ? .gateFailed : .stageFailed))
        }
        for kind: Fault.Kind in [.interrupted, .terminated] {
            #expect(night.rules().failure(night.ending("fetch", kind), of: nil) == nil)
        }
    }

    @Test func `another version of the stage is another cause, the same one is not`() throws {
        let night = try TestNight()
        try night.batch.run("infer", bad)
        let first = night.rules().alerts(of: try night.figures("infer"))
        try night.batch.run("infer", bad)
        #expect(night.rules().alerts(of: try night.figures("infer")) == first)
        try night.batch.run("infer", bad) { $0.config = ["threads": 2] }
        let second = night.rules().alerts(of: try night.figures("infer"))
        #expect(second.map(\.version) == ["v2"])
        #expect(second.map(\.key) != first.map(\.key))
    }

    @Test func `a night that came late is a warning, one that is missing is critical, and both are one cause`() throws {
        let rules = try TestNight().rules()
        let (came, missing) = (rules.late(due: 0, missing: nil), rules.late(due: 0, missing: "infer is held back"))
        #expect(came.severity == .warning && missing.severity == .critical)
        #expect(came.key == missing.key && came.stage == nil)
        #expect(
            missing.message
                == "the results of 2026-11-20, due at 1970-01-01T00:00:00.000Z, are missing: infer is held back")
    }
}
