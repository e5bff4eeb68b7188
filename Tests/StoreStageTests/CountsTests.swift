import Fault
import Foundation
import GRDB
import JSON
import PostgresClient
import StageRun
import StoreStage
import Synchronization
import TestDatabases
import TestKit
import TestServers
import Testing

/// What `store` counts while the rows pass through.
@Suite struct CountsTests {
    /// An item as in infer's ledger.
    private static func heard(
        _ id: String, _ label: String?, score: Double?, fields: JSONObject = [:], clean: JSONObject? = nil
    ) -> Item {
        var output: JSONObject = ["model": "digits@3"]
        if let label { output["label"] = .string(label) }
        if let score { output["score"] = .double(score) }
        return Item(id, fields: fields, output: output, clean: clean)
    }

    private static let sumsOfLabels = """
        SELECT stage, version, model, model_version, field, value, label, items, score_sum FROM label_counts
        ORDER BY field, value, label
        """

    private func sealed(_ items: [Item], version: Int = 1, of night: TestNight? = nil) throws -> TestNight {
        let night = try night ?? TestNight()
        let clean = try night.seal("clean", version, parts: [items.map { Item($0.id) }], salt: "\(version)")
        try night.seal("infer", version, inputs: [clean], parts: [items], salt: "\(version)")
        return night
    }

    @Test(arguments: Backend.allCases) func `labels are counted by the fields that are asked for`(_ backend: Backend)
        throws
    {
        let test = try TestDatabase(backend)
        let night = try sealed([
            Self.heard("a", "three", score: 0.25, fields: ["device": "d1", "site": "yard"]),
            Self.heard("b", "three", score: 0.5, fields: ["device": "d2", "site": nil]),
            Self.heard("c", "four", score: 1, fields: ["device": "d1"]), Self.heard("d", nil, score: nil),
        ])
        try night.store(test.url).run()
        #expect(
            try test.query(Self.sumsOfLabels)
                == [
                    ["", "", "", "1", "0.0"], ["", "", "four", "1", "1.0"], ["", "", "three", "2", "0.75"],
                    ["device", "d1", "four", "1", "1.0"], ["device", "d1", "three", "1", "0.25"],
                    ["device", "d2", "three", "1", "0.5"], ["site", "yard", "three", "1", "0.25"],
                ].map { row in
                    ["infer", "v1", "digits", "3"] + row.dropLast() + [backend.text(of: row[4])]
                })
        let bins = try test.query("SELECT score_bins FROM label_counts WHERE field = '' ORDER BY label")
        var expected = Array(repeating: [Int](repeating: 0, count: 20), count: 3)
        expected[1][19] = 1
        (expected[2][5], expected[2][10]) = (1, 1)
        #expect(
            try bins.map { try JSON(parsing: $0[0] ?? "") } == expected.map { .array($0.map { .int(Int64($0)) }) })
    }

    @Test(arguments: Backend.allCases) func `quality sums up what clean measured`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let night = try sealed([
            Self.heard(
                "a", "three", score: 0.5, fields: ["device": "d1"],
                clean: [
                    "filled": ["gain_db", "site"], "source": "long", "offset": 12.5, "seconds": 1.5, "snr_db": -3.25,
                    "source_encoding": "pcm_s16",
                ]),
            Self.heard(
                "b", "four", score: 0.5, fields: ["device": "d2"], clean: ["snr_db": 24, "seconds": 1e-3]),
            Self.heard("c", "four", score: 0.5),
        ])
        try night.store(test.url).run()
        func rows(_ field: String, _ value: String) throws -> [[String?]] {
            try test.query(
                """
                SELECT stage, version, figure, items, CAST(sum * 1000 AS INTEGER), CAST(minimum * 1000 AS INTEGER),
                  CAST(maximum * 1000 AS INTEGER) FROM quality_counts
                WHERE field = '\(field)' AND value = '\(value)' ORDER BY figure
                """
            ).map { Array($0.dropFirst(2)) }
        }
        #expect(try test.query("SELECT DISTINCT stage, version FROM quality_counts") == [["clean", "v1"]])
        #expect(
            try rows("", "")
                == [
                    ["filled.gain_db", "2", "1000", "0", "1000"], ["filled.site", "2", "1000", "0", "1000"],
                    ["seconds", "2", "1501", "1", "1500"], ["snr_db", "2", "20750", "-3250", "24000"],
                ])
        #expect(
            try rows("device", "d1")
                == [
                    ["filled.gain_db", "1", "1000", "1000", "1000"], ["filled.site", "1", "1000", "1000", "1000"],
                    ["seconds", "1", "1500", "1500", "1500"], ["snr_db", "1", "-3250", "-3250", "-3250"],
                ])
        #expect(try rows("device", "d2").map { $0[0] } == ["seconds", "snr_db"])
    }

    @Test(arguments: Backend.allCases) func `a load replaces its stage's counts and no others`(_ backend: Backend)
        throws
    {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        func counts(_ stage: String, _ version: String, _ label: String) -> LoadFigures {
            LoadFigures(
                labels: [LabelCountRow(stage: stage, version: version, label: label, items: 1)],
                quality: [
                    QualityCountRow(
                        stage: stage, version: version, figure: label, items: 1, sum: 1, minimum: 1, maximum: 1)
                ])
        }
        func load(_ batch: BatchName, _ stage: String, _ name: String, _ label: String) throws {
            _ = try database.load(batch, stages: [version(name, of: stage)]) { (_) throws(Fault) in
            } figures: { (_) throws(Fault) in
                counts(stage, name, label)
            }
        }
        try load(night, "infer", "v1", "old")
        try load(night, "translate", "v1", "other stage")
        try load(BatchName(pipeline: "digits", batch: "2026-11-21"), "infer", "v1", "other batch")
        try load(BatchName(pipeline: "birds", batch: "2026-11-20"), "infer", "v1", "other pipeline")
        try load(night, "infer", "v2", "new")
        try database.record(night, LoadFigures(), alerts: [])
        for (table, column) in [("label_counts", "label"), ("quality_counts", "figure")] {
            #expect(
                try test.query("SELECT \(column) FROM \(table) ORDER BY 1")
                    == [["new"], ["other batch"], ["other pipeline"], ["other stage"]])
        }
    }

    @Test(arguments: Backend.allCases) func `what is not stored is not counted`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let night = try sealed([
            Self.heard("a", "three", score: 0.5, fields: ["device": "d1"], clean: ["snr_db": 1]),
            Self.heard("b", "three", score: 0.5, fields: ["device": "d\0"], clean: ["snr_db": 2]),
        ])
        try night.store(test.url, toml: "[store]\nmax_reject_ratio = 1.0\n").run()
        #expect(
            try test.query("SELECT field, value, items FROM label_counts ORDER BY field")
                == [["", "", "1"], ["device", "d1", "1"]])
        #expect(try test.query("SELECT items, sum FROM quality_counts WHERE field = ''").map { $0[0] } == ["1"])
    }

    @Test(arguments: Backend.allCases) func `a field that tells items apart is not a group`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let night = try sealed(
            (0...1000).map { number in
                Self.heard(
                    "item-\(number)", "three", score: 0.5,
                    fields: [
                        "serial": .int(Int64(number)), "note": .string(String(repeating: "x", count: number)),
                        "gain": 1.50, "isLoud": true, "list": [1],
                    ])
            })
        let toml = "[store]\ngroup_by = [\"serial\", \"note\", \"gain\", \"isLoud\", \"list\", \"nothing\"]\n"
        try night.store(test.url, toml: toml).run()
        #expect(
            try test.query("SELECT field, value, items FROM label_counts ORDER BY field")
                == [["", "", "1001"], ["gain", "1.5", "1001"], ["isLoud", "true", "1001"]])
    }

    @Test(arguments: Backend.allCases) func `another field to count by loads again`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let night = try sealed([Self.heard("a", "three", score: 0.5, fields: ["shift": "late"])])
        try night.store(test.url).run()
        try night.store(test.url, toml: "[store]\ngroup_by = \"shift\"\n").run()
        #expect(try test.query("SELECT value FROM label_counts WHERE field = 'shift'") == [["late"]])
    }

    @Test(arguments: Backend.allCases) func `the pipeline is on record`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let night = try TestNight()
        try night.sealChain()
        let toml = "[store]\n[schedule]\ndue = \"05:30\"\ntimezone = \"Europe/Berlin\"\ndays_back = 2\n"
        try night.store(test.url, toml: toml).recordRuns()
        let columns = "pipeline, description, due, timezone, days_back, batch"
        #expect(
            try test.query("SELECT \(columns) FROM pipelines")
                == [["digits", nil, "05:30", "Europe/Berlin", "2", "2026-11-20"]])
        let stages = try JSON(parsing: #require(try test.query("SELECT stages FROM pipelines")[0][0])).array ?? []
        #expect(stages.map { $0["stage"]?.string } == ["fetch", "clean", "featurize", "infer", "store"])
        #expect(stages.last?["inputs"] == ["infer"])
        #expect(stages.last?["tool"] == "store")
        // A load gives the same, here without a schedule.
        try night.store(test.url).run()
        #expect(try test.query("SELECT due, timezone, days_back FROM pipelines") == [[nil, nil, nil]])
    }

    @Test(arguments: Backend.allCases) func `runs say what they were made from and under which limit`(
        _ backend: Backend
    ) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        func summary(_ stage: String) throws -> JSON {
            try JSON(parsing: #require(try test.query("SELECT summary FROM runs WHERE stage = '\(stage)'")[0][0]))
        }
        #expect(try summary("infer")["inputs"] == [["stage": "fetch", "version": "v1"]])
        #expect(try summary("store")["inputs"] == [["stage": "infer", "version": "v1"]])
        #expect(try summary("fetch")["inputs"] == nil)
        #expect(try summary("infer")["memory_limit_bytes"] == 2_097_152)
    }

    @Test func `two results count their recordings once`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        let items = [Self.heard("a", "three", score: 0.5, clean: ["snr_db": 1])]
        let clean = try night.seal("clean", parts: [[Item("a")]])
        try night.seal("infer", inputs: [clean], parts: [items])
        try night.seal("translate", tool: "infer", inputs: [clean], parts: [items])
        let toml = """
            [translate]
            tool = "infer"
            model = "digits@1"
            [store]
            input = ["infer", "translate"]

            """
        try night.store(test.url, toml: toml).run()
        #expect(try test.query("SELECT stage FROM label_counts ORDER BY 1") == [["infer"], ["translate"]])
        #expect(try test.query("SELECT figure, items FROM quality_counts") == [["snr_db", "1"]])
    }

    @Test(.tags(.server)) func `a load is announced when it is there to see`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        let database = try DatabaseAddress.open(server.url(name), application: "tests") {}
        try database.migrate()
        let listener = try PostgresConnection(PostgresAddress(server.url(name)))
        try listener.execute("LISTEN nocturne")
        #expect(throws: Fault.self) {
            try database.load(night, stages: [version("v1")]) { (_) throws(Fault) in
            } figures: { (_) throws(Fault) in
                throw Fault(.heldBack, "no")
            }
        }
        try database.load(night, version("v1"), predictions: [prediction("a")])
        try database.record(BatchName(pipeline: "birds", batch: "b"), LoadFigures(), alerts: [])
        var said: [PostgresNotification] = []
        while said.count < 2 { said += try listener.notifications(waitingUpTo: 1) }
        #expect(said.map(\.channel) == ["nocturne", "nocturne"])
        #expect(
            said.map(\.payload) == [
                #"{"pipeline":"digits","batch":"2026-11-20"}"#, #"{"pipeline":"birds","batch":"b"}"#,
            ])
    }
}

extension Backend {
    /// A double as the backend's rows show it.
    fileprivate func text(of number: String) -> String {
        self == .postgres && number.hasSuffix(".0") ? String(number.dropLast(2)) : number
    }
}
