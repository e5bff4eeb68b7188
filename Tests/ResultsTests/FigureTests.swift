import Fault
import JSON
import Results
import StoreStage
import TestDatabases
import TestServers
import Testing

/// Counts, rejections and alerts.
@Suite struct ResultsFigureTests {
    private static func load(
        _ filled: Filled, _ batch: String, labels: [LabelCountRow] = [], quality: [QualityCountRow] = [],
        rejections: [RejectionRow] = [], runs: [RunRow] = []
    ) throws {
        try filled.test.open().load(
            BatchName(pipeline: "digits", batch: batch),
            stages: ["infer", "clean", "store"].map { version("v1", of: $0) }
        ) { (sink) throws(Fault) in
            for row in rejections { try sink.append(row) }
        } figures: { (_) throws(Fault) in
            LoadFigures(runs: runs, labels: labels, quality: quality)
        }
    }

    private static func label(
        _ label: String, _ items: Int, _ sum: Double, bin: Int?, model: String = "3", field: String = "",
        value: String = ""
    ) -> LabelCountRow {
        var row = LabelCountRow(
            stage: "infer", version: "v1", model: "digits", modelVersion: model, field: field, value: value,
            label: label, items: items, scoreSum: sum)
        if let bin { row.scoreBins[bin] = items }
        return row
    }

    private static func counted(_ backend: Backend) throws -> Filled {
        let filled = try Filled(backend)
        try load(
            filled, "2026-11-20",
            labels: [
                label("three", 4, 3, bin: 15), label("four", 1, 0.5, bin: 10), label("", 2, 0, bin: nil),
                label("four", 2, 0.5, bin: 5, model: "4"), label("three", 4, 3, bin: 15, field: "device", value: "d1"),
                label("three", 1, 1, bin: 19, field: "device", value: "d2"),
            ])
        try load(filled, "2026-11-19", labels: [label("three", 1, 1, bin: 19)])
        return filled
    }

    @Test(arguments: Backend.allCases) func `labels are given batch by batch`(_ backend: Backend) async throws {
        let filled = try Self.counted(backend)
        let all = try await filled.ask(LabelsQuery(BatchRange(pipeline: "digits")))
        #expect(
            all == [
                "batches": [
                    [
                        "pipeline": "digits", "batch": "2026-11-19", "stage": "infer", "model": "digits@3", "value": "",
                        "labels": [["label": "three", "items": 1, "mean_score": 1.0]],
                    ],
                    [
                        "pipeline": "digits", "batch": "2026-11-20", "stage": "infer", "model": "digits@3", "value": "",
                        "labels": [
                            ["label": "", "items": 2, "mean_score": nil],
                            ["label": "four", "items": 1, "mean_score": 0.5],
                            ["label": "three", "items": 4, "mean_score": 0.75],
                        ],
                    ],
                    [
                        "pipeline": "digits", "batch": "2026-11-20", "stage": "infer", "model": "digits@4", "value": "",
                        "labels": [["label": "four", "items": 2, "mean_score": 0.25]],
                    ],
                ]
            ])
        let byDevice = try await filled.ask(LabelsQuery(BatchRange(from: "2026-11-20"), by: "device"))
        #expect(byDevice["batches"]?.array?.map { $0["value"] } == ["d1", "d2"])
        #expect(try await filled.ask(LabelsQuery(BatchRange(to: "2026-11-18"))) == ["batches": []])
        #expect(try await filled.ask(LabelsQuery(BatchRange(stage: "translate"))) == ["batches": []])
    }

    @Test(arguments: Backend.allCases) func `scores are histograms`(_ backend: Backend) async throws {
        let filled = try Self.counted(backend)
        let all = try await filled.ask(ScoresQuery(BatchRange(pipeline: "digits", from: "2026-11-20")))
        let edges = try #require(all["edges"]?.array)
        #expect(edges.count == 21 && edges.first == 0.0 && edges[1] == 0.05 && edges.last == 1.0)
        var counts = [Int](repeating: 0, count: 20)
        (counts[15], counts[10]) = (4, 1)
        #expect(all["batches"]?.array?.first?["counts"]?.array?.map(\.int) == counts)
        #expect(all["batches"]?.array?.map { $0["model"] } == ["digits@3", "digits@4"])
        let one = try await filled.ask(ScoresQuery(BatchRange(from: "2026-11-20"), label: "three"))
        counts[10] = 0
        #expect(one["batches"]?.array?.map { $0["counts"]?.array?.map(\.int) } == [counts])
    }

    @Test(arguments: Backend.allCases) func `quality is given batch by batch`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        func figure(_ name: String, _ value: String = "") -> QualityCountRow {
            QualityCountRow(
                stage: "clean", version: "v1", field: value.isEmpty ? "" : "site", value: value, figure: name, items: 4,
                sum: 10, minimum: -1, maximum: 8)
        }
        try Self.load(
            filled, "2026-11-20", quality: [figure("snr_db"), figure("filled.gain_db"), figure("snr_db", "yard")])
        let all = try await filled.ask(QualityQuery(BatchRange()))
        #expect(all["batches"]?.array?.map { $0["figure"] } == ["filled.gain_db", "snr_db"])
        #expect(
            all["batches"]?.array?.last == [
                "pipeline": "digits", "batch": "2026-11-20", "stage": "clean", "value": "", "figure": "snr_db",
                "items": 4, "mean": 2.5, "minimum": -1.0, "maximum": 8.0,
            ])
        let bySite = try await filled.ask(QualityQuery(BatchRange(), by: "site"))
        #expect(bySite["batches"]?.array?.map { $0["value"] } == ["yard"])
    }

    @Test(arguments: Backend.allCases) func `rejections are counted and listed`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        func rejected(_ id: String, _ stage: String, _ reason: String) -> RejectionRow {
            RejectionRow(stage: stage, version: "v1", itemID: id, reason: reason, message: "because \(id)")
        }
        let clean = RunRow.of("clean", rejected: 3, summary: ["rejected_by_reason": ["silent": 2, "truncated": 1]])
        for batch in ["2026-11-19", "2026-11-20"] {
            try Self.load(
                filled, batch,
                rejections: [
                    rejected("c", "clean", "silent"), rejected("a", "clean", "truncated"),
                    rejected("b", "clean", "silent"), rejected("z", "store", "unstorable"),
                ],
                // A store has no counts by reason: they are in the table alone.
                runs: [clean, .of("store", rejected: 1), .of("infer")])
        }
        let counts = try #require(
            try await filled.ask(RejectionsQuery(BatchRange(from: "2026-11-20")))["batches"]?.array)
        #expect(
            counts
                == [("clean", "silent", 2), ("clean", "truncated", 1), ("store", "unstorable", 1)].map { row -> JSON in
                    [
                        "pipeline": "digits", "batch": "2026-11-20", "stage": .string(row.0), "reason": .string(row.1),
                        "items": .int(Int64(row.2)),
                    ]
                })
        var (found, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try await filled.ask(RejectedItemsQuery(BatchRange(), page: Page(limit: 3, cursor: cursor)))
            found += try #require(page["rejections"]?.array).map {
                "\($0["batch"]?.string ?? "") \($0["stage"]?.string ?? "") \($0["item"]?.string ?? "")"
            }
            cursor = page["next"]?.string
        } while cursor != nil
        #expect(
            found
                == ["2026-11-20", "2026-11-19"].flatMap { batch in
                    ["clean a", "clean b", "clean c", "store z"].map { "\(batch) \($0)" }
                })
        let silent = try await filled.ask(RejectedItemsQuery(BatchRange(to: "2026-11-19"), reason: "silent"))
        #expect(silent["rejections"]?.array?.map { $0["item"] } == ["b", "c"])
        #expect(silent["rejections"]?.array?.first?["message"] == "because b")
        #expect(silent["next"] == JSON.null)
        #expect(await filled.fault(RejectedItemsQuery(BatchRange(), page: Page(cursor: "WzFd")))?.kind == .usage)
    }

    @Test(arguments: Backend.allCases) func `alerts come newest first`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        let moments = ["2026-11-20T06:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20T07:00:00Z"]
        let alerts = try moments.enumerated().map { number, text in
            AlertRow(
                id: "a\(number)", stage: number == 0 ? nil : "infer", version: "v1", severity: "critical",
                reason: "stage_failed", message: "alert \(number)", detail: ["exit_code": 69],
                raisedAt: try #require(Timestamp(text)))
        }
        try filled.record("digits", "2026-11-20", [], alerts: alerts)
        var (found, cursor): ([JSON], String?) = ([], nil)
        repeat {
            let page = try await filled.ask(AlertsQuery(BatchRange(), page: Page(limit: 1, cursor: cursor)))
            found += try #require(page["alerts"]?.array)
            cursor = page["next"]?.string
        } while cursor != nil && found.count < 10
        #expect(found.map { $0["message"] } == ["alert 2", "alert 1", "alert 3", "alert 0"])
        #expect(found[0]["raised_at"] == "2026-11-20T08:00:00.000000Z")
        #expect(found[0]["detail"]?["exit_code"] == 69 && found[0]["severity"] == "critical")
        #expect(found[3]["stage"] == JSON.null && found[3]["acknowledged_at"] == JSON.null)
        #expect(try await filled.ask(AlertsQuery(BatchRange(pipeline: "birds")))["alerts"] == [])
        for cursor in ["WzFd", "WyJ4IiwxXQ"] {
            #expect(await filled.fault(AlertsQuery(BatchRange(), page: Page(cursor: cursor)))?.kind == .usage)
        }
    }
}
