import Alerts
import BatchFormat
import Durable
import Fault
import JSON
import StageRun
import StoreStage
import TestDatabases
import TestServers
import Testing

/// `store --runs-only`: a failed night must be visible.
@Suite struct RunsOnlyTests {
    @Test(arguments: Backend.allCases) func `a night that never began is seen`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        let unwell = try night.store(test.url).recordRuns()
        #expect(unwell == 5)
        #expect(try test.query("SELECT DISTINCT version, status FROM runs") == [["", "absent"]])
    }

    @Test(arguments: Backend.allCases) func `failed and held-back runs are seen`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        try night.folder("infer").setHeld(1)
        let path = try night.folder("fetch").version(2)
        try Folders.makeAll(path)
        let manifest = RunManifest(
            identity: VersionIdentity(
                pipeline: "digits", batch: "2026-11-20", stage: "fetch", tool: "fetch", revision: 1, config: [:]),
            effectiveConfig: [:], inputs: [], fingerprint: nil,
            run: RunFigures(["started_at": "2026-11-20T02:00:00.000Z"]))
        try AtomicFile.write(manifest.sealed.bytes(), to: path + "/run.json")
        try night.sealPart(0, [Item("a"), Item("b", rejectedFor: "vanished")], of: "fetch", "fetch", in: path)
        try StageEnding(
            stage: "fetch", tool: "fetch", status: ToolExit(.unavailable), message: "the bucket is \0 gone", time: 0,
            version: "v2"
        ).write(of: night.folder("fetch"))
        try StageEnding(
            stage: "infer", tool: "infer", status: ToolExit(.heldBack), message: "v1 held back: 1 of 4", time: 0,
            version: "v1"
        ).write(of: night.folder("infer"))
        try night.store(test.url).recordRuns()
        #expect(
            try test.query("SELECT stage, version, status, items, rejected, seconds FROM runs ORDER BY stage")
                == [
                    ["clean", "", "absent", nil, nil, nil], ["featurize", "", "absent", nil, nil, nil],
                    ["fetch", "v2", "failed", "1", "1", "1.5"], ["infer", "v1", "held_back", "3", "1", "2.5"],
                    [
                        "store", "v1", "sealed", "3", "0",
                        try test.query("SELECT seconds FROM runs WHERE stage = 'store'")[0][0],
                    ],
                ])
        let summary = try #require(try test.query("SELECT summary FROM runs WHERE stage = 'fetch'")[0][0])
        #expect(summary.contains("the bucket is \\\\u0000 gone"))
        #expect(try JSON(parsing: summary)["failure_kind"] == "unavailable")
        let held = try #require(try test.query("SELECT summary FROM runs WHERE stage = 'infer'")[0][0])
        #expect(try JSON(parsing: held)["held_back"] == "v1 held back: 1 of 4")
        // What was loaded stays loaded.
        #expect(try test.query("SELECT DISTINCT version FROM predictions") == [["v1"]])
    }

    @Test(arguments: Backend.allCases)
    func `a stage that failed before it had a version is recorded with its own words`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        func end(_ stage: String, _ kind: Fault.Kind, _ message: String, because: String? = nil) throws {
            try StageEnding(
                stage: stage, tool: stage, status: ToolExit(kind), message: message, time: 0, because: because
            ).write(of: night.folder(stage))
        }
        try end("fetch", .unavailable, "the listing of 's3://x/' broke off")
        try end("clean", .missing, "'clean' has nothing to read", because: "fetch")
        try night.store(test.url).recordRuns()
        let rows = try test.query("SELECT stage, version, status, summary FROM runs ORDER BY stage")
        let (clean, fetch) = (
            try #require(rows.first { $0[0] == "clean" }), try #require(rows.first { $0[0] == "fetch" })
        )
        #expect(fetch[1] == "" && fetch[2] == "failed")
        let failure = try JSON(parsing: try #require(fetch[3]))
        #expect(failure["failure"] == "the listing of 's3://x/' broke off" && failure["failure_kind"] == "unavailable")
        #expect(clean[2] == "absent", "it ended because of fetch")
        #expect(try JSON(parsing: try #require(clean[3]))["because"] == "fetch")
        // The next run that is well takes it away.
        try StageEnding(stage: "fetch", tool: "fetch", status: .done, message: "", time: 0).write(
            of: night.folder("fetch"))
        try night.store(test.url).recordRuns()
        #expect(try test.query("SELECT status FROM runs WHERE stage = 'fetch'") == [["absent"]])
    }

    @Test func `a version that stands while a later run failed keeps its figures and says so`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        try night.sealChain()
        func summary(_ kind: Fault.Kind) throws -> JSON {
            try StageEnding(stage: "fetch", tool: "fetch", status: ToolExit(kind), message: "gone", time: 0)
                .write(of: night.folder("fetch"))
            try night.store(test.url).recordRuns()
            let row = try test.query("SELECT status, summary FROM runs WHERE stage = 'fetch'")[0]
            #expect(row[0] == "sealed")
            return try JSON(parsing: try #require(row[1]))
        }
        #expect(try summary(.unavailable)["failure"] == "gone")
        #expect(try summary(.terminated)["failure"] == nil, "a stop is intentional")
    }

    @Test func `a run in progress is not a failure`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        let folder = try night.folder("fetch")
        try night.sealChain()
        try Folders.makeAll(folder.version(2))
        let lock = try folder.lock()
        try night.store(test.url).recordRuns()
        // Its manifest does not exist yet, which is not a failure while a run is in progress.
        #expect(try test.query("SELECT version, status FROM runs WHERE stage = 'fetch'") == [["v2", "running"]])
        lock.release()
        try night.store(test.url).recordRuns()
        #expect(try test.query("SELECT version, status FROM runs WHERE stage = 'fetch'") == [["v2", "failed"]])
    }

    @Test func `a damaged seal is a failed run`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        try night.sealChain()
        try AtomicFile.write([65], to: try night.folder("infer").version(1) + "/batch.json")
        try night.store(test.url).recordRuns()
        #expect(try test.query("SELECT version, status FROM runs WHERE stage = 'infer'") == [["v1", "failed"]])
    }
}

/// The alerts of a batch, in the database.
@Suite struct AlertRowTests {
    private func alert(_ kind: Alert.Kind, stage: String?, cause: String) -> Alert {
        Alert(
            pipeline: "digits", batch: "2026-11-20", stage: stage, version: stage == nil ? nil : "v1", kind: kind,
            severity: .critical, cause: cause, message: "no \0 bucket 'here'", detail: ["exit_code": 69, "id": "mine"])
    }

    @Test(arguments: Backend.allCases) func `an open alert takes its new message, and stays acknowledged`(
        _ backend: Backend
    ) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        let log = AlertLog(batchFolder: "\(night.root)/digits/2026-11-20")
        for (message, code) in [("no bucket", 69), ("no bucket, three times", 69), ("no bucket", 70)]
            as [(String, JSON)]
        {
            let raised = Alert(
                pipeline: "digits", batch: "2026-11-20", stage: "fetch", kind: .stageFailed, severity: .warning,
                cause: "exit-69", message: message, detail: ["exit_code": code])
            try log.raise([raised], at: "2026-11-21T06:00:00.250Z")
            try night.store(test.url).recordRuns()
            #expect(try test.query("SELECT message FROM alerts") == [[message]])
            let detail = try #require(try test.query("SELECT detail FROM alerts")[0][0])
            #expect(try JSON(parsing: detail)["exit_code"] == code)
            try test.execute("UPDATE alerts SET acknowledged_at = raised_at")
        }
        #expect(try test.query("SELECT count(acknowledged_at) FROM alerts") == [["1"]])
    }

    @Test(arguments: Backend.allCases) func `alerts are written once and stay acknowledged`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        let log = AlertLog(batchFolder: "\(night.root)/digits/2026-11-20")
        try log.raise(
            [alert(.stageFailed, stage: "fetch", cause: "exit-69"), alert(.nightLate, stage: nil, cause: "due")],
            at: "2026-11-21T06:00:00.250Z")
        try night.store(test.url).recordRuns()
        try test.execute("UPDATE alerts SET acknowledged_at = raised_at WHERE reason = 'night_late'")
        try log.raise([alert(.memory, stage: "infer", cause: "v1")], at: "2026-11-21T07:00:00.000Z")
        try night.store(test.url).recordRuns()
        let columns = "pipeline, batch, stage, version, severity, reason, message"
        #expect(
            try test.query("SELECT \(columns) FROM alerts ORDER BY id")
                == [("fetch", "stage_failed"), (nil, "night_late"), ("infer", "memory")].map { stage, reason in
                    [
                        "digits", "2026-11-20", stage, stage == nil ? nil : "v1", "critical", reason,
                        "no \\u0000 bucket 'here'",
                    ]
                })
        #expect(try test.query("SELECT count(acknowledged_at) FROM alerts") == [["1"]])
        let detail = try #require(try test.query("SELECT detail FROM alerts ORDER BY id")[0][0])
        let read = try JSON(parsing: detail)
        #expect(read["exit_code"] == 69)
        #expect(read["id"] == "digits/2026-11-20/fetch/stage_failed/exit-69", "the alert's id, whatever else is in it")
    }
}
