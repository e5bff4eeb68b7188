import Fault
import Foundation
import JSON
import PostgresClient
import Results
import StoreStage
import TestDatabases
import TestKit
import TestServers
import Testing

/// The SQL that is shipped: the read-only role, and the views for Grafana.
@Suite(.serialized, .tags(.server)) struct SQLFileTests {
    private static func sql(_ name: String) throws -> String {
        try Checkout.text("pipelines/grafana/\(name)")
    }

    /// A database with a night, the views and the role; and the role's connection.
    private static func prepared() throws -> (Filled, reader: String) {
        let server = try PostgresServer.running()
        let filled = try Filled(.postgres)
        let name = String(filled.test.url.split(separator: "/").last ?? "")
        var scored = LabelCountRow(
            stage: "infer", version: "v1", model: "digits", modelVersion: "3", label: "three", items: 4, scoreSum: 1.5)
        scored.scoreBins[10] = 3
        let figure = QualityCountRow(
            stage: "clean", version: "v1", figure: "seconds", items: 4, sum: 30, minimum: 1, maximum: 20)
        var night = RunRow.goodNight
        night[1].summary["rejected_by_reason"] = ["silent": 2, "truncated": 1]
        night[1].rejected = 3
        let (labels, quality) = ([scored], [figure])
        let runs = night
        try filled.test.open().load(
            BatchName(pipeline: "digits", batch: "2026-11-20"),
            stages: RunRow.goodNight.map { version("v1", of: $0.stage) }
        ) { (sink) throws(Fault) in
            try sink.append(prediction("a"))
        } figures: { (_) throws(Fault) in
            LoadFigures(runs: runs, labels: labels, quality: quality, pipeline: usualPipeline)
        }
        try filled.record("digits", "trial", [.of("fetch", .failed, summary: ["failure": "no bucket"])])
        try filled.record(
            "digits", "2026-13-99", [.of("fetch", .heldBack), .of("clean", .absent)],
            alerts: [
                AlertRow(
                    id: "x", severity: "critical", reason: "night_late", message: "late",
                    raisedAt: try #require(Timestamp("2026-11-21T06:00:00Z")))
            ])
        // Both may be run again.
        for file in ["views.sql", "reader.sql", "views.sql", "reader.sql"] { try filled.test.execute(sql(file)) }
        try filled.test.execute("ALTER ROLE nocturne_reader PASSWORD 'reading'")
        return (filled, server.url(name, role: "nocturne_reader", password: "reading"))
    }

    @Test func `the reader reads and can do nothing else`() async throws {
        let (filled, url) = try Self.prepared()
        let results = try ResultsDatabase(url)
        defer { results.close() }
        try await results.check()
        func ask(_ query: some ResultsQuery) async throws -> JSON { try JSON(parsing: await results.body(of: query)) }
        let range = BatchRange(pipeline: "digits")
        let now = try moment("2026-11-21T09:00:00Z")
        #expect(try await ask(PredictionsQuery.patient(range))["predictions"]?.array?.count == 1)
        #expect(try await ask(PipelinesQuery(now: now))["pipelines"]?.array?.first?["is_current"] == true)
        #expect(try await ask(BatchesQuery(range, now: now))["batches"]?.array?.count == 3)
        for query: any ResultsQuery in [
            LabelsQuery(range), ScoresQuery(range), QualityQuery(range), RejectionsQuery(range),
            RejectedItemsQuery(range), AlertsQuery(range),
        ] {
            _ = try await ask(query)
        }
        _ = try await results.body(of: ItemQuery(pipeline: "digits", batch: "2026-11-20", item: "a"))
        while results.generation == nil { try await Task.sleep(for: .milliseconds(5)) }

        let reader = try PostgresConnection(PostgresAddress(url))
        // Even if it asks for more rights than it has by default.
        try reader.execute("SET default_transaction_read_only = off")
        for statement in [
            "INSERT INTO schema_version VALUES (9, now())",
            "INSERT INTO alerts (pipeline, batch, severity, reason, message, detail, raised_at) "
                + "VALUES ('a', 'b', 'c', 'd', 'e', '{}', now())",
            "UPDATE runs SET status = 'sealed'", "DELETE FROM predictions", "TRUNCATE receipts", "DROP TABLE pipelines",
            "CREATE TABLE mine (a int)", "INSERT INTO nocturne_views.alerts (pipeline) VALUES ('a')",
        ] {
            let fault = #expect(throws: Fault.self, "\(statement)") { try reader.execute(statement) }
            #expect(fault?.kind == .denied, "\(statement): \(fault?.description ?? "")")
        }
        #expect(try filled.test.query("SELECT count(*) FROM predictions") == [["1"]])
    }

    @Test func `the views show what the tables hold`() throws {
        let (filled, _) = try Self.prepared()
        func rows(_ sql: String) throws -> [[String?]] { try filled.test.query(sql) }
        #expect(
            try rows(
                "SELECT batch, state, items, rejected, model, audio_seconds FROM nocturne_views.nights ORDER BY batch")
                == [
                    ["2026-11-20", "sealed", "10", "3", "digits@3", "30"],
                    ["2026-13-99", "held_back", nil, "0", nil, nil], ["trial", "failed", nil, "0", nil, nil],
                ])
        #expect(
            try rows(
                "SELECT batch, \"time\" AT TIME ZONE 'UTC' FROM nocturne_views.nights ORDER BY batch")
                == [["2026-11-20", "2026-11-20 00:00:00"], ["2026-13-99", nil], ["trial", nil]])
        #expect(
            try rows("SELECT stage, times_real_time FROM nocturne_views.stages WHERE stage = 'clean' AND items = 10")
                == [["clean", "20"]])
        #expect(try rows("SELECT failure FROM nocturne_views.stages WHERE batch = 'trial'") == [["no bucket"]])
        #expect(
            try rows("SELECT label, items, mean_score FROM nocturne_views.labels") == [["three", "4", "0.5"]])
        #expect(
            try rows("SELECT figure, mean, maximum FROM nocturne_views.quality") == [["seconds", "7.5", "20"]])
        #expect(
            try rows("SELECT stage, reason, items FROM nocturne_views.rejections ORDER BY reason")
                == [["clean", "silent", "2"], ["clean", "truncated", "1"]])
        #expect(try rows("SELECT reason, severity FROM nocturne_views.alerts") == [["night_late", "critical"]])
    }

    @Test(arguments: RepeatedNight.Story.allCases)
    func `the views tell results from the newest run`(_ story: RepeatedNight.Story) throws {
        let filled = try RepeatedNight(story, into: Filled(.postgres)).filled
        try filled.test.execute(Self.sql("views.sql"))
        func rows(_ sql: String) throws -> [[String?]] { try filled.test.query(sql) }
        #expect(
            try rows("SELECT state, items, rejected, model, audio_seconds FROM nocturne_views.nights")
                == [[story.status, "3", "2", "digits@1", "30"]])
        #expect(
            try rows(
                "SELECT stage, version, status, loaded_version, pinned FROM nocturne_views.stages ORDER BY stage")
                == [
                    ["clean", "v2", "sealed", "v1", nil], ["fetch", "v1", "sealed", "v1", nil],
                    ["infer", "v2", story.status, "v1", story == .inferIsPinned ? "v1" : nil],
                    ["store", "v1", "sealed", "v1", nil],
                ])
        #expect(
            try rows("SELECT stage, reason, items FROM nocturne_views.rejections ORDER BY stage")
                == [["clean", "silent", "1"], ["fetch", "duplicate", "1"]])
        #expect(
            try rows("SELECT stage, version, items FROM nocturne_views.results WHERE stage = 'infer'")
                == [["infer", "v1", "3"]])
    }

    @Test func `every panel of the Grafana dashboard has an answer`() throws {
        let (filled, url) = try Self.prepared()
        try filled.record("digits", "2026-11-21", RunRow.goodNight)
        let dashboard = try JSON(parsing: Self.sql("nocturne.json"))
        let reader = try PostgresConnection(PostgresAddress(url))
        let panels = try #require(dashboard["panels"]?.array)
        #expect(panels.count >= 10)
        for panel in panels {
            for target in panel["targets"]?.array ?? [] {
                let asked = try #require(target["rawSql"]?.string)
                    .replacing("$__timeFilter(\"time\")", with: "\"time\" > '2026-11-01'")
                    .replacing("${pipeline:sqlstring}", with: "'digits'")
                #expect(!asked.contains("$"), "\(asked)")
                var (names, rows): ([String], Int) = ([], 0)
                try reader.forEachRow(asked) { row in
                    names = (0..<row.count).map { row.name($0) }
                    rows += 1
                }
                let title = panel["title"]?.string ?? ""
                // The night has no groups and nothing filled.
                if title.contains("device") || title.contains("filled") { continue }
                #expect(rows > 0, "\(title)")
                if target["format"] == "time_series" { #expect(names.first == "time", "\(title)") }
            }
        }
        let variable = dashboard["templating"]?["list"]?.array?.first?["query"]?.string
        #expect(try reader.firstRow(try #require(variable)) { $0.text(0) } == "digits")
    }
}
