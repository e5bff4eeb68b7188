import Foundation
import Glibc
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// Problems are reported: alerts on disk, in the database and to channels; metrics; the summary.
@Suite(.tags(.slow)) struct AlertingTests {
    private func nightly(
        _ place: Workplace, _ arguments: String..., environment: [String: String] = [:]
    ) throws -> Finished {
        try place.program("nocturne", ["nightly", "small", Workplace.batch] + arguments, environment: environment).run()
    }

    private func alerts(_ place: Workplace) throws -> [[String]] {
        try Rows.read(
            place["data/nocturne.db"], "SELECT coalesce(stage, '-'), reason, severity FROM alerts ORDER BY id")
    }

    /// The alerts received by a command channel that appends them to a file.
    private func told(_ place: Workplace) throws -> [JSON] {
        guard place.exists("received.jsonl") else { return [] }
        return try place.text("received.jsonl").split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    private func place(
        alerts section: String = #"command = ["sh", "-c", "cat >>received.jsonl; echo >>received.jsonl"]"#
    )
        throws -> Workplace
    {
        let place = try Workplace()
        try place.configure("[fetch]\n", "[alerts]\n\(section)\n\n[fetch]\n")
        return place
    }

    @Test func `a failed stage is reported once everywhere`() throws {
        let place = try place()
        try place.configure("digits@production", "digits@nothing")
        for _ in 0..<2 {
            let done = try nightly(place)
            #expect(done.code == 78, "\(done)")
            #expect(done.out.contains("alert: infer ended with exit code 78"), "\(done)")
            #expect(done.lines.last?.hasPrefix("exit code 78: the configuration is wrong; fix pipeline.toml") == true)
        }
        let got = try told(place)
        #expect(got.map { $0["kind"] } == ["stage_failed"], "one cause, one alert")
        #expect(got.first?["stage"] == "infer" && got.first?["severity"] == "critical")
        #expect(try alerts(place) == [["infer", "stage_failed", "critical"]])
        // Fixed, then broken again: that is a new alert.
        try place.configure("digits@nothing", "digits@production")
        #expect(try nightly(place, "--silent").out.isEmpty)
        try place.configure("digits@production", "digits@nothing")
        #expect(try nightly(place).code == 78)
        #expect(try told(place).count == 2)
        #expect(try alerts(place).count == 2)
    }

    /// A failure's own message must appear everywhere: in the summary, the alert, and the record in the database.
    struct Failure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let stage: String
        let code: Int32
        /// What its own message names.
        let names: [String]
        let spoil: @Sendable (Workplace) throws -> Void
    }

    static let failures = [
        Failure(
            testDescription: "a first listing that fails", stage: "fetch", code: 69,
            names: ["127.0.0.1:1", "index.jsonl"]
        ) {
            try $0.configure(
                "source = \"recordings/{batch}/\"", "source = \"http://127.0.0.1:1/index.jsonl\"\nattempts = 1")
        },
        Failure(testDescription: "a missing model", stage: "infer", code: 78, names: ["digits", "nothing"]) {
            try $0.configure("digits@production", "digits@nothing")
        },
    ]

    @Test(arguments: failures, [[], ["--sequential"]])
    func `a stage that fails before it has a version says why everywhere`(_ failure: Failure, _ more: [String]) throws {
        let place = try place()
        try failure.spoil(place)
        let done = try place.program("nocturne", ["nightly", "small", Workplace.batch] + more).run()
        #expect(done.code == failure.code, "\(done)")
        #expect(done.out.contains("failed in \(failure.stage) with exit code \(failure.code)"), "\(done)")
        let message = try #require(try place.ending(failure.stage)["message"]?.string)
        for name in failure.names { #expect(message.contains(name), "\(message)") }
        #expect(done.out.contains(message), "the summary: \(done)")
        #expect(try told(place).map { $0["message"]?.string?.contains(message) } == [true], "the alert")
        let row = try Rows.read(
            place["data/nocturne.db"], "SELECT version, status, summary FROM runs WHERE stage = '\(failure.stage)'")[0]
        #expect(Array(row.prefix(2)) == ["", "failed"], "the record")
        #expect(try JSON(parsing: row[2])["failure"] == .string(message))
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT message FROM alerts")[0][0].contains(message))
    }

    @Test(arguments: [[], ["--sequential"]])
    func `a stage that is held back is the one cause, with its own words everywhere`(_ more: [String]) throws {
        let place = try place()
        try place.configure("max_reject_ratio = 0.5\n[clean.fields]", "max_reject_ratio = 0.0\n[clean.fields]")
        let done = try place.program("nocturne", ["nightly", "small", Workplace.batch] + more).run()
        #expect(done.code == 10 && done.out.contains("failed in clean with exit code 10"), "\(done)")
        let message = "v1 held back: 1 of 9 items rejected (0.1111), more than max_reject_ratio = 0.0"
        #expect(try place.ending("clean")["message"] == .string(message))
        #expect(done.out.contains(message), "\(done)")
        #expect(try told(place).map { $0["message"] } == [.string("clean \(message)")], "one cause, one alert")
        func summary(_ stage: String) throws -> JSON {
            try JSON(
                parsing: Rows.read(place["data/nocturne.db"], "SELECT summary FROM runs WHERE stage = '\(stage)'")[0][0]
            )
        }
        #expect(try summary("clean")["held_back"] == .string(message))
        // How many of the others had been started when clean ended depends on the machine.
        let started = ["featurize", "infer", "store"].filter {
            place.exists("data/small/\(Workplace.batch)/.runs/\($0).json")
        }
        for stage in started { #expect(try place.ending(stage)["because"] == "clean") }
        #expect(more.isEmpty || started.isEmpty)
        let line = "because of clean: \(started.joined(separator: ", "))\n"
        #expect(done.out.contains(line) == !started.isEmpty, "\(done)")
        if started.contains("featurize") { #expect(try summary("featurize")["because"] == "clean") }
        // By hand, the stage after it says what it waits for, and that it is not to blame.
        #expect(try place.run("featurize").code == 10)
        let waiting = try place.ending("featurize")
        #expect(waiting["because"] == "clean" && waiting["message"]?.string?.contains("clean/v1' is held back") == true)
    }

    @Test(
        arguments: [
            ("any:1+:ENOSPC", Int32(74)), ("any:1+:EROFS", 74), ("any:1+:EACCES", 77), ("write:1+:ENOSPC", 74),
        ],
        [["nightly", "small", Workplace.batch], ["backfill", "small", Workplace.batch, Workplace.batch]])
    func `a disk that takes nothing is the code and the news`(
        _ disk: (plan: String, code: Int32), _ words: [String]
    ) throws {
        let place = try place()
        let done = try place.program("nocturne", words, environment: ["NOCTURNE_FAULT": disk.plan]).run()
        #expect(done.code == disk.code, "\(done)")
        #expect(try told(place).first?["message"]?.string?.contains("exit code \(disk.code)") == true, "\(done)")
        #expect(done.out.contains("cannot be recorded"), "\(done)")
        // In the words of what failed, which reach the night though no file can take them.
        let words = try told(place).first?["message"]?.string ?? ""
        #expect(words.contains("data/small") || words.contains("'data'"), "\(words)")
        // When the disk takes something again, the night is whole, and nothing is left open.
        let good = try nightly(place)
        #expect(good.code == 0 && !good.out.contains("alert:"), "\(good)")
    }

    @Test func `a gate that fails is reported in the version's log, too`() throws {
        let place = try place()
        try place.configure("max_reject_ratio = 0.5\n[clean.fields]", "max_reject_ratio = 0.0\n[clean.fields]")
        let done = try nightly(place, "--silent")
        #expect(done.code == 10, "\(done)")
        #expect(try told(place).map { $0["kind"] } == ["gate_failed"])
        let events = try place.text("\(place.stage("clean"))/v1/events.jsonl")
        #expect(events.contains(#""event": "alert""#) && events.contains(#""kind": "gate_failed""#))
        #expect(try alerts(place) == [["clean", "gate_failed", "critical"]])
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }

    @Test func `a night that finds another run at work has not failed`() throws {
        let place = try place()
        let folder = place[place.stage("fetch")]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let held = open(folder, O_RDONLY | O_CLOEXEC)
        try #require(flock(held, LOCK_EX) == 0)
        let busy = try nightly(place)
        close(held)
        #expect(busy.code == 75 && !busy.out.contains("alert:"), "\(busy)")
        #expect(try nightly(place, "--silent").code == 0)
        #expect(try told(place).isEmpty && alerts(place).isEmpty)
    }

    @Test func `too few items are reported even in a silent night`() throws {
        let place = try place(alerts: #"min_success_rate = "95%""#)
        let first = try nightly(place, "--silent")
        #expect(first.code == 0, "\(first)")
        #expect(first.out.contains("alert: clean kept 8 of 9 items"), "\(first)")
        #expect(try alerts(place) == [["fetch", "success_rate", "warning"], ["clean", "success_rate", "warning"]])
        let second = try nightly(place, "--silent")
        #expect(second.out.isEmpty && second.code == 0, "already reported: \(second)")
    }

    @Test func `a channel that fails never fails the night, and is tried again`() throws {
        let place = try place(
            alerts:
                "min_success_rate = \"95%\"\ncommand = [\"sh\", \"-c\", \"[ -e up ] || exit 9; cat >>received.jsonl; echo >>received.jsonl\"]"
        )
        let first = try nightly(place, "--silent")
        #expect(first.code == 0, "\(first)")
        #expect(
            first.out.contains("warning: the alert channel 'command' failed: 'sh' ended with exit code 9"), "\(first)")
        try place.write("up", "")
        #expect(try nightly(place, "--silent").out.isEmpty)
        #expect(try told(place).count == 2)
        #expect(try nightly(place, "--silent").out.isEmpty)
        #expect(try told(place).count == 2, "delivered is delivered")
    }

    @Test(.tags(.server)) func `a webhook is signed, and the secret stays secret`() throws {
        let server = try TestServer("webhook.py")
        let place = try place(alerts: "min_success_rate = \"95%\"")
        let done = try nightly(
            place, environment: ["NOCTURNE_ALERT_WEBHOOK": server.url + "/ok", "NOCTURNE_ALERT_SECRET": "hush"])
        #expect(done.code == 0, "\(done)")
        let url = try #require(URL(string: server.url))
        let posts = try #require(try JSON(parsing: [UInt8](Data(contentsOf: url))).array)
        #expect(posts.count == 2)
        #expect(posts.allSatisfy { $0["signed"] == true })
        #expect(!done.out.contains("hush") && !done.err.contains("hush"))
        let log = try place.text("data/small/\(Workplace.batch)/alerts.jsonl")
        #expect(!log.contains("hush") && !log.contains(server.url))
    }

    @Test func `Prometheus itself reads the metrics of a night`() throws {
        let place = try Workplace()
        let folder = place["metrics"]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let environment = ["NOCTURNE_METRICS": folder]
        func metrics() throws -> JSON {
            try JSON(parsing: TestPython.run("read_metrics.py", input: place.text("metrics/nocturne-small.prom")))
        }
        func value(_ metrics: JSON, _ family: String) -> Double? {
            metrics[family]?["samples"]?.array?.first?.array?[2].double
        }
        #expect(try nightly(place, environment: environment).code == 0)
        let good = try metrics()
        #expect(value(good, "nocturne_night_exit_code") == 0)
        #expect(good["nocturne_stage_items"]?["samples"]?.array?.count == 4, "a store holds a receipt, not items")
        #expect(good["nocturne_stage_real_time_factor"]?["samples"]?.array?.count == 3, "clean, featurize, infer")
        let success = try #require(value(good, "nocturne_night_last_success_timestamp_seconds"))
        #expect(success > 1.7e9)
        try place.configure("digits@production", "digits@nothing")
        #expect(try nightly(place, environment: environment).code == 78)
        let failed = try metrics()
        #expect(value(failed, "nocturne_night_exit_code") == 78)
        #expect(value(failed, "nocturne_night_last_success_timestamp_seconds") == success)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["nocturne-small.prom"])
    }

    @Test func `metrics that cannot be written are a warning`() throws {
        let place = try Workplace()
        let done = try nightly(place, "--silent", environment: ["NOCTURNE_METRICS": place["nowhere"]])
        #expect(done.code == 0 && done.out.contains("warning: the metrics were not written"), "\(done)")
    }

    @Test func `a night that never began is late`() throws {
        let place = try place()
        try place.configure("[fetch]\n", "[schedule]\ndue = \"00:00\"\n\n[fetch]\n")
        for again in [false, true] {
            let done = try place.program("nocturne", ["late"]).run()
            #expect(done.code == 10, "\(done)")
            #expect(done.lines.count == 1 && done.out.contains(": late, due at "), "\(done)")
            #expect(done.out.contains("fetch has not started") && done.out.contains("(reported before)") == again)
        }
        #expect(try told(place).map { $0["kind"] } == ["night_late"])
        #expect(try alerts(place) == [["-", "night_late", "critical"]])
        let batch = try #require(try told(place)[0]["batch"]?.string)
        let source = Workplace.source.replacingOccurrences(of: Workplace.batch, with: batch)
        if !place.exists(source) {
            try FileManager.default.copyItem(atPath: place[Workplace.source], toPath: place[source])
        }
        let night = try place.program("nocturne", ["nightly", "small"]).run()
        #expect(night.code == 0, "\(night)")
        let listed = try place.program("nocturne", ["alerts", "small"]).run()
        #expect(listed.out.contains("night_late") && listed.out.contains("command"), "\(listed)")
        let objects = try place.program("nocturne", ["alerts", "small", "--json"]).run()
        #expect(try objects.lines.map { try JSON(parsing: $0)["kind"] } == ["night_late"], "\(objects)")
        let after = try place.program("nocturne", ["late", "small"]).run()
        #expect(after.code == 0 && after.out.isEmpty, "\(after)")
        #expect(try told(place).count == 1, "the night that came late is the same cause")
    }

    @Test func `lateness needs a schedule and a pipeline`() throws {
        let place = try Workplace()
        let unwatched = try place.program("nocturne", ["late"]).run()
        #expect(unwatched.code == 78 && unwatched.err.contains("nothing is watched"), "\(unwatched)")
        let none = try place.program("nocturne", ["late", "small"]).run()
        #expect(none.code == 78 && none.out.contains("[schedule]"), "\(none)")
        #expect(try place.program("nocturne", ["late", "absent"]).run().code == 66)
    }

    @Test func `rows that the database has lost are late, and are filled in`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", "[schedule]\ndue = \"00:00\"\n\n[fetch]\n")
        let batch = try place.program("nocturne", ["default-batch", "small"]).run().lines[0]
        try place.configure("recordings/{batch}/", "recordings/\(Workplace.batch)/")
        #expect(try place.program("nocturne", ["nightly", "small", batch]).run().code == 0)
        let well = try place.program("nocturne", ["late", "--json"]).run()
        #expect(well.code == 0 && well.out == "{\"pipeline\": \"small\", \"code\": 0, \"late\": false}\n", "\(well)")
        try place.remove("data/nocturne.db")
        let late = try place.program("nocturne", ["late", "--json"]).run()
        let found = try JSON(parsing: late.out)
        #expect(late.code == 10 && found["late"] == true && found["batch"]?.string == batch, "\(late)")
        #expect(found["state"] == "the database of store does not have the results", "\(late)")
        let filled = try place.program("nocturne", ["backfill", "small", batch, batch]).run()
        #expect(filled.code == 0 && filled.out.contains("done"), "\(filled)")
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["8"]])
        let again = try place.program("nocturne", ["backfill", "small", batch, batch, "--json"]).run()
        #expect(try JSON(parsing: again.out)["exists"] == true, "\(again)")
    }

    @Test func `alert channels can be tried`() throws {
        let place = try place()
        let done = try place.program("nocturne", ["alerts", "small", "--test"]).run()
        #expect(done.code == 0 && done.out == "command: accepted\n", "\(done)")
        #expect(try told(place).map { $0["kind"] } == ["test"])
        #expect(!place.exists("data/small"), "nothing is recorded")
        try place.configure("[\"sh\", \"-c\", \"cat", "[\"sh\", \"-c\", \"exit 3; cat")
        let broken = try place.program("nocturne", ["alerts", "small", "--test"]).run()
        #expect(broken.code == 69 && broken.out.contains("exit code 3"), "\(broken)")
        #expect(try Workplace().program("nocturne", ["alerts", "small", "--test"]).run().code == 78)
    }
}
