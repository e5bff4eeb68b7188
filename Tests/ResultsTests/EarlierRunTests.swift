import Fault
import JSON
import Results
import StoreStage
import TestBatches
import TestDatabases
import TestServers
import Testing

/// What is shown beside rows belongs to the versions of the rows, whatever has been tried since, and later attempts are
/// shown.
@Suite struct ResultsOfAnEarlierRunTests {
    private static let range = BatchRange(pipeline: TestBatch.pipeline)
    private static let now = "2026-11-21T09:00:00Z"

    @Test(arguments: Backend.allCases, RepeatedNight.Story.allCases)
    func `the night's figures are those of its results`(_ backend: Backend, _ story: RepeatedNight.Story) async throws {
        let night = try RepeatedNight(story, into: Filled(backend))
        let query = BatchQuery(pipeline: TestBatch.pipeline, batch: TestBatch.batch, now: try moment(Self.now))
        let batch = try await night.filled.ask(query)
        #expect(batch["model"] == "digits@1")
        #expect(batch["items"] == 3 && batch["rejected"] == 2, "a twin, and one that was silent")
        #expect(batch["audio_seconds"] == 30.0)

        let stages = try #require(batch["stages"]?.array)
        #expect(stages.map { $0["stage"]?.string } == ["fetch", "clean", "infer", "store"])
        #expect(stages.map { $0["status"]?.string } == ["sealed", "sealed", story.status, "sealed"])
        #expect(stages.map { $0["version"]?.string } == ["v1", "v2", "v2", "v1"])
        #expect(stages.map { $0["loaded"]?["version"]?.string } == [nil, "v1", "v1", nil])
        #expect(stages[1]["rejected"] == 2 && stages[1]["loaded"]?["rejected"] == 1)
        #expect(stages[2]["loaded"]?["items"] == 3 && stages[2]["loaded"]?["model"] == "digits@1")
        for figure in ["started_at", "finished_at", "fingerprint"] {
            #expect(stages[2]["loaded"]?[figure]?.string != stages[2][figure]?.string, "\(figure) is the run's own")
            #expect(stages[2]["loaded"]?[figure]?.string != nil, "\(figure)")
        }
        #expect(stages[2]["summary"]?["loaded"] == nil, "shown once")
        #expect(stages.map { $0["pinned"]?.string } == [nil, nil, story == .inferIsPinned ? "v1" : nil, nil])
        #expect(stages[3]["is_stale"] == false, "it was made from the accepted version")
    }

    @Test(arguments: Backend.allCases, RepeatedNight.Story.allCases)
    func `the overview shows what became of the second run`(_ backend: Backend, _ story: RepeatedNight.Story)
        async throws
    {
        let night = try RepeatedNight(story, into: Filled(backend))
        let answer = try await night.filled.ask(PipelinesQuery(now: moment(Self.now)))
        let pipeline = try #require(answer["pipelines"]?.array?.first)
        let name = "The results of 20 November"
        let reasons: [RepeatedNight.Story: String] = [
            .inferFailed: "\(name) are those of an earlier run: in the last one infer failed "
                + "(it ended without a message; the machine may have stopped).",
            .inferWasHeldBack: "\(name) are those of an earlier run: the last one is held back, "
                + "infer did not pass its check.",
            .inferIsPinned: "infer is pinned to v1, although there is a later version.",
        ]
        #expect(pipeline["reasons"]?.array?.map(\.string) == [reasons[story]])
        #expect(pipeline["state"] == "amber" && pipeline["is_current"] == true)
        #expect(pipeline["shown"]?["model"] == "digits@1" && pipeline["shown"]?["items"] == 3)
    }

    @Test(arguments: Backend.allCases, RepeatedNight.Story.allCases)
    func `rows and counts are of one run`(_ backend: Backend, _ story: RepeatedNight.Story) async throws {
        let filled = try RepeatedNight(story, into: Filled(backend)).filled
        let rows = try #require(try await filled.ask(PredictionsQuery.patient(Self.range))["predictions"]?.array)
        #expect(rows.map { $0["version"] } == ["v1", "v1", "v1"])
        #expect(Set(rows.map { $0["label"] }) == ["by 1"])
        let labels = try await filled.ask(LabelsQuery(Self.range))["batches"]?.array
        #expect(labels?.map { $0["model"] } == ["digits@1"])
        #expect(labels?.first?["labels"]?.array?.map { $0["items"] } == [3])
        let quality = try await filled.ask(QualityQuery(Self.range))["batches"]?.array
        #expect(
            quality?.map { [$0["figure"], $0["items"], $0["mean"]] }
                == [["seconds", 3, 10.0], ["snr_db", 3, 1.0]])
        let rejections = try await filled.ask(RejectionsQuery(Self.range))["batches"]?.array
        #expect(
            rejections?.map { [$0["stage"], $0["reason"], $0["items"]] }
                == [["clean", "silent", 1], ["fetch", "duplicate", 1]])
        var clean = Self.range
        clean.stage = "clean"
        #expect(try await filled.ask(RejectionsQuery(clean))["batches"]?.array?.map { $0["reason"] } == ["silent"])
        let items = try await filled.ask(RejectedItemsQuery(Self.range))["rejections"]?.array
        #expect(items?.map { [$0["item"], $0["version"]] } == [["d", "v1"], ["twin", "v1"]])
    }

    @Test(arguments: Backend.allCases, RepeatedNight.Story.allCases)
    func `an item's lineage and ledger are those of its row`(_ backend: Backend, _ story: RepeatedNight.Story)
        async throws
    {
        let night = try RepeatedNight(story, into: Filled(backend))
        func item(_ id: String) async throws -> JSON {
            try await night.filled.ask(
                ItemQuery(
                    pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: id,
                    batches: BatchFolders(root: night.batch.root)))
        }
        let found = try await item("a")
        #expect(
            found["lineage"]?.array?.map { "\($0["stage"]?.string ?? "") \($0["version"]?.string ?? "")" }
                == ["fetch v1", "clean v1", "infer v1", "store v1"])
        #expect(found["lineage"]?.array?.map { $0["model"]?.string } == [nil, nil, "digits@1", nil])
        #expect(found["ledger"]?["clean"]?["snr_db"] == 1.0 && found["ledger"]?["infer"]?["label"] == "by 1")
        // The second clean has rejected it, for another reason: its last line is the first run's.
        #expect(try await item("c")["ledger"]?["infer"]?["model"] == "digits@1")
        #expect(try await item("d")["rejections"]?.array?.map { $0["reason"] } == ["silent"])
    }

    /// As left by an earlier release: the row of the newest run, and nothing about the one that is loaded.
    @Test(arguments: Backend.allCases)
    func `what was not recorded is counted, or unknown`(_ backend: Backend) async throws {
        let filled = try Filled(backend)
        let night = BatchName(pipeline: "digits", batch: "2026-11-20")
        let rows = ["a", "b"].map { prediction($0) }
        try filled.test.open().load(
            night, stages: RunRow.goodNight.map { version("v1", of: $0.stage) }
        ) { (sink) throws(Fault) in
            for row in rows { try sink.append(row) }
            try sink.append(rejection("c", stage: "clean"))
        } figures: { (_) throws(Fault) in
            LoadFigures(runs: RunRow.goodNight, pipeline: usualPipeline)
        }
        // The newest clean could not even record which tool it was.
        try filled.record(
            "digits", "2026-11-20",
            [
                .of("clean", .failed, version: "v2", items: 99, rejected: 50),
                RunRow(stage: "infer", version: "v2", status: .failed),
            ])
        let batch = try await filled.ask(
            BatchQuery(pipeline: "digits", batch: "2026-11-20", now: moment(Self.now)))
        #expect(batch["items"] == 2 && batch["rejected"] == 1 && batch["model"] == JSON.null)
        #expect(batch["stages"]?.array?.map { $0["loaded"]?["version"]?.string } == [nil, "v1", "v1", nil])
        #expect(try await filled.ask(PredictionsQuery.patient(Self.range))["predictions"]?.array?.count == 2)
        let rejections = try await filled.ask(RejectionsQuery(Self.range))["batches"]?.array
        #expect(rejections?.map { [$0["stage"], $0["reason"], $0["items"]] } == [["clean", "truncated", 1]])
        let items = try await filled.ask(RejectedItemsQuery(Self.range))["rejections"]?.array
        #expect(items?.map { $0["item"] } == ["c"])
    }
}
