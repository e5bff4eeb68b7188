import Fault
import JSON
import Results
import StoreStage
import TestDatabases
import TestServers
import Testing

/// The state of pipelines and batches, in words and codes.
@Suite struct ResultsNightTests {
    private static let morning = "2026-11-21T09:00:00Z"

    @Test(arguments: Backend.allCases, stories)
    func `a pipeline is one line that anyone understands`(_ backend: Backend, story: Story) async throws {
        let filled = try Filled(backend)
        try filled.record("digits", story.nights.first?.batch ?? "2026-11-19", [], pipelineRow: usualPipeline)
        for night in story.nights { try filled.record("digits", night.batch, night.runs) }
        let answer = try await filled.ask(PipelinesQuery(now: moment(Self.morning)))
        #expect(answer["now"] == .string(Self.morning))
        let pipeline = try #require(answer["pipelines"]?.array?.first)
        #expect(pipeline["state"] == .string(story.state))
        #expect(pipeline["reasons"]?.array?.compactMap(\.string) == story.reasons)
        #expect(pipeline["is_current"] == .bool(story.isCurrent))
        #expect(pipeline["shown"]?["batch"]?.string == story.shown)
        #expect(pipeline["latest"]?["batch"]?.string == story.latest)
        #expect(pipeline["expected_batch"] == "2026-11-20")
        #expect(pipeline["next_due"] == "2026-11-22T06:00:00Z")
        #expect(pipeline["due"] == "06:00" && pipeline["timezone"] == "UTC")
        #expect(pipeline["description"] == "Spoken digits")
    }

    @Test(arguments: Backend.allCases) func `before tonight's run is due, the last night counts`(_ backend: Backend)
        async throws
    {
        let filled = try Filled(backend)
        try filled.record("digits", "2026-11-19", RunRow.goodNight, pipelineRow: usualPipeline)
        let early = try await filled.ask(PipelinesQuery(now: moment("2026-11-21T05:59:59Z")))
        #expect(early["pipelines"]?.array?.first?["state"] == "green")
        #expect(early["pipelines"]?.array?.first?["expected_batch"] == "2026-11-19")
        #expect(early["pipelines"]?.array?.first?["next_due"] == "2026-11-21T06:00:00Z")
    }

    @Test(arguments: Backend.allCases) func `without a schedule the newest batch counts`(_ backend: Backend)
        async throws
    {
        let filled = try Filled(backend)
        var unscheduled = usualPipeline
        (unscheduled.due, unscheduled.timezone, unscheduled.daysBack) = (nil, nil, nil)
        try filled.record("digits", "2025-11-19", RunRow.goodNight, pipelineRow: unscheduled)
        func pipeline() async throws -> JSON {
            try #require(try await filled.ask(PipelinesQuery(now: moment(Self.morning)))["pipelines"]?.array?.first)
        }
        var found = try await pipeline()
        #expect(found["state"] == "green" && found["is_current"] == true && found["next_due"] == JSON.null)
        #expect(found["reasons"] == ["The results of 19 November 2025 are complete."])
        try filled.record("digits", "trial", Self.failed(["failure_kind": "defect"]))
        found = try await pipeline()
        #expect(found["state"] == "red" && found["is_current"] == false)
        #expect(
            found["reasons"]?.array?.first
                == "The results of batch trial are missing: infer failed (an error in the program).")
        // A night that ended before its first stage had made a version.
        try filled.record("digits", "trial-2", RunRow.goodNight.map { RunRow.of($0.stage, .absent) })
        found = try await pipeline()
        #expect(found["state"] == "red" && found["latest"]?["batch"] == "trial-2")
        #expect(
            found["reasons"] == [
                "The results of batch trial-2 are missing: the run did not begin.",
                "Shown are the results of 19 November 2025.",
            ])
    }

    @Test(arguments: Backend.allCases) func `a loaded batch stays shown when its store fails later`(_ backend: Backend)
        async throws
    {
        let filled = try Filled(backend)
        try filled.record("digits", "2026-11-20", [], pipelineRow: usualPipeline)
        let night = BatchName(pipeline: "digits", batch: "2026-11-20")
        try filled.test.open().load(night, version("v1", of: "store"), runs: RunRow.goodNight)
        try filled.record("digits", "2026-11-20", [.of("store", .failed, version: "v2")])
        let pipeline = try await filled.ask(PipelinesQuery(now: moment(Self.morning)))["pipelines"]?.array?.first
        #expect(pipeline?["shown"]?["batch"] == "2026-11-20")
        #expect(pipeline?["state"] == "amber")
    }

    @Test(arguments: Backend.allCases) func `missed nights are in the list`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        try filled.record("digits", "2026-11-17", RunRow.goodNight, pipelineRow: usualPipeline)
        try filled.record("digits", "trial", RunRow.goodNight)
        try filled.record("birds", "2026-11-18", [.of("fetch", .failed)])
        let now = try moment(Self.morning)
        let all = try #require(try await filled.ask(BatchesQuery(now: now))["batches"]?.array)
        func line(_ batch: JSON) -> String {
            ["pipeline", "batch", "state"].compactMap { batch[$0]?.string }.joined(separator: " ")
        }
        let expected = [
            "digits trial sealed", "digits 2026-11-20 missing", "digits 2026-11-19 missing", "birds 2026-11-18 failed",
            "digits 2026-11-18 missing", "digits 2026-11-17 sealed",
        ]
        #expect(all.map(line) == expected)
        // Page by page the same.
        var (paged, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try await filled.ask(BatchesQuery(page: Page(limit: 2, cursor: cursor), now: now))
            paged += try #require(page["batches"]?.array).map(line)
            cursor = page["next"]?.string
        } while cursor != nil
        #expect(paged == expected)
        let some = BatchRange(pipeline: "digits", from: "2026-11-18", to: "2026-11-19")
        #expect(
            try await filled.ask(BatchesQuery(some, now: now))["batches"]?.array?.map(line)
                == ["digits 2026-11-19 missing", "digits 2026-11-18 missing"])
        #expect(await filled.fault(BatchesQuery(page: Page(cursor: "WzFd"), now: now))?.kind == .usage)
        let missing = try await filled.ask(BatchQuery(pipeline: "digits", batch: "2026-11-19", now: now))
        #expect(missing["state"] == "missing")
        #expect(missing["stages"]?.array?.map { $0["status"] } == Array(repeating: "missing", count: 4))
        for batch in ["2026-11-16", "2026-11-21", "nonsense"] {
            let fault = await filled.fault(BatchQuery(pipeline: "digits", batch: batch, now: now))
            #expect(fault?.kind == .missing, "\(batch)")
        }
    }

    @Test(arguments: Backend.allCases) func `a batch has its stages' figures`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        let seconds = QualityCountRow(
            stage: "clean", version: "v1", figure: "seconds", items: 3, sum: 7.5, minimum: 1, maximum: 4)
        try filled.test.open().load(
            BatchName(pipeline: "digits", batch: "2026-11-20"),
            stages: [
                version("v2", of: "fetch"), version("v1", of: "clean"), version("v3", of: "infer"),
                version("v1", of: "store"),
            ]
        ) { (_) throws(Fault) in
        } figures: { (_) throws(Fault) in
            LoadFigures(
                runs: [
                    .of("store", items: 7), .of("fetch", version: "v2", items: 10, rejected: 1),
                    .of("clean", items: 8, rejected: 2, from: "v2"),
                    .of("infer", version: "v3", items: 7, rejected: 1, summary: ["memory_limit_bytes": 4096]),
                ], quality: [seconds], pipeline: usualPipeline)
        }
        let batch = try await filled.ask(
            BatchQuery(pipeline: "digits", batch: "2026-11-20", now: moment(Self.morning)))
        #expect(batch["items"] == 7 && batch["rejected"] == 4)
        #expect(batch["model"] == "digits@3" && batch["audio_seconds"] == 7.5)
        #expect(batch["seconds"] == 6.0)
        #expect(batch["finished_at"] == "2026-11-20T02:00:01.500000Z")
        // store did not read infer's v3: only store is stale, and only once.
        #expect(batch["state"] == "stale")
        let stages = try #require(batch["stages"]?.array)
        #expect(stages.map { $0["stage"]?.string } == ["fetch", "clean", "infer", "store"])
        #expect(stages.map { $0["is_stale"]?.bool } == [false, false, false, true])
        #expect(stages.map { $0["version"]?.string } == ["v2", "v1", "v3", "v1"])
        #expect(stages.map { $0["memory_limit_bytes"]?.int } == [nil, nil, 4096, nil])
        #expect(stages[1]["summary"]?["tool"] == "clean")
        #expect(stages[1]["started_at"] == "2026-11-20T02:00:00.000000Z")
    }
}
