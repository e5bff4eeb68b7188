import Fault
import JSON
import StoreStage
import TestDatabases
import TestServers
import Testing

/// What both databases must do in the same way.
@Suite struct ConformanceTests {
    static let hostile = [
        "", " ", "\\.", "\\N", "\\", "a\tb", "a\nb", "a\r\nb", "\u{8}\u{b}\u{c}\u{1}\u{1f}\u{7f}", "quote's \"q\"",
        "🎧👩‍👩‍👧",
        "e\u{301}", "\u{e9}", "\u{feff}\u{200b}\u{202e}", "\u{fffe}\u{10ffff}", "NULL", "$1 ?1 :batch %s {}",
        "'; DROP TABLE predictions; --",
    ]

    @Test(arguments: Backend.allCases) func `a version is stored as it was given`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        var run = RunRow(stage: "infer", version: "v1", status: .sealed, summary: ["parts": 1])
        run.fingerprint = "ab"
        run.items = 1
        run.rejected = 1
        run.seconds = 2.5
        run.peakMemoryBytes = 1 << 40
        run.bytesIn = 3
        run.bytesOut = 4
        run.startedAt = Timestamp("2026-11-20T02:00:00.125Z")
        run.finishedAt = Timestamp("2026-11-20T03:00:00+01:00")
        let receipts = try test.migrated().load(
            night, version("v1"), predictions: [prediction("a.wav")], rejections: [rejection("b.wav")], runs: [run])
        #expect(receipts.map(\.loaded) == [version("v1")])
        #expect(receipts.map(\.predictions) == [1])
        #expect(receipts.map(\.rejections) == [1])
        let transaction = try #require(receipts.first?.transaction)
        #expect(
            try test.query(
                "SELECT pipeline, batch, stage, version, item_id, model, model_version, label, score FROM predictions")
                == [["digits", "2026-11-20", "infer", "v1", "a.wav", "digits", "3", "three", "0.97"]])
        #expect(
            try test.query("SELECT pipeline, batch, stage, version, item_id, reason, message FROM rejections")
                == [["digits", "2026-11-20", "infer", "v1", "b.wav", "truncated", "cut short"]])
        #expect(
            try test.query(
                "SELECT stage, version, fingerprint, items, rejected, seconds, peak_memory_bytes, bytes_in, bytes_out, status FROM runs"
            ) == [["infer", "v1", "ab", "1", "1", "2.5", String(1 << 40), "3", "4", "sealed"]])
        #expect(try test.query("SELECT transaction_id FROM receipts") == [[String(transaction)]])
        #expect(try test.query("SELECT count(*) FROM runs WHERE started_at < finished_at") == [["0"]])
        #expect(try test.query("SELECT count(*) FROM predictions WHERE recorded_at IS NOT NULL") == [["1"]])
    }

    @Test(arguments: Backend.allCases) func `hostile text is stored exactly`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let rows = Self.hostile.map { text in
            PredictionRow(
                stage: "infer", version: "v1", itemID: "id" + text, model: text, modelVersion: text, label: text,
                output: ["text": .string(text), "list": [.string(text), 1, 1.5, nil, true]],
                fields: [text + "name": .string(text)])
        }
        let refused = Self.hostile.map { text in
            RejectionRow(stage: "infer", version: "v1", itemID: text, reason: text, message: text)
        }
        try test.migrated().load(night, version("v1"), predictions: rows, rejections: refused)
        let order = backend == .sqlite ? "rowid" : "ctid"
        let found = try test.query(
            "SELECT item_id, model, model_version, label, output, fields FROM predictions ORDER BY \(order)")
        #expect(found.count == rows.count)
        for (row, expected) in zip(found, rows) {
            let texts = [expected.itemID, expected.model, expected.modelVersion, expected.label]
            #expect(zip(row, texts).allSatisfy { $0?.hasSameBytes(as: $1 ?? "missing") == true }, "\(row)")
            let (output, wanted) = (try JSON(parsing: row[4] ?? ""), try JSON(parsing: expected.output.text))
            #expect(output["text"] == wanted["text"])
            #expect(output["list"] == wanted["list"])
            #expect(try JSON(parsing: row[5] ?? "") == JSON(parsing: expected.fields.text))
        }
        let reasons = try test.query("SELECT item_id, reason, message FROM rejections ORDER BY \(order)")
        #expect(reasons.count == refused.count)
        for (row, text) in zip(reasons, Self.hostile) {
            #expect(row.allSatisfy { $0?.hasSameBytes(as: text) == true }, "\(row)")
        }
    }

    @Test(arguments: Backend.allCases) func `IDs that differ in normalisation are two items`(_ backend: Backend) throws
    {
        let test = try TestDatabase(backend)
        try test.migrated().load(night, version("v1"), predictions: [prediction("e\u{301}"), prediction("\u{e9}")])
        #expect(try test.query("SELECT count(*) FROM predictions") == [["2"]])
    }

    @Test(arguments: Backend.allCases) func `a new version takes the place of the old one and of no other`(
        _ backend: Backend
    ) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        let otherNight = BatchName(pipeline: "digits", batch: "2026-11-21")
        let otherPipeline = BatchName(pipeline: "birds", batch: "2026-11-20")
        try database.load(night, version("v1", of: "translate"), predictions: [prediction("a", stage: "translate")])
        try database.load(otherNight, version("v1"), predictions: [prediction("a")])
        try database.load(otherPipeline, version("v1"), predictions: [prediction("a")])
        try database.load(
            night, version("v1"), predictions: [prediction("a"), prediction("b"), prediction("c")],
            rejections: [rejection("d")])
        try database.load(
            night, version("v2"), predictions: [prediction("b", "v2"), prediction("d", "v2")],
            rejections: [rejection("a", "v2"), rejection("c", "v2")])
        let mine = "pipeline = 'digits' AND batch = '2026-11-20' AND stage = 'infer'"
        #expect(
            try test.query("SELECT item_id, version FROM predictions WHERE \(mine) ORDER BY 1")
                == [["b", "v2"], ["d", "v2"]])
        #expect(
            try test.query("SELECT item_id, version FROM rejections WHERE \(mine) ORDER BY 1")
                == [["a", "v2"], ["c", "v2"]])
        #expect(try test.query("SELECT count(*) FROM predictions WHERE NOT (\(mine))") == [["3"]])
        #expect(try database.receipts(night).map(\.loaded) == [version("v2"), version("v1", of: "translate")])
        #expect(try database.receipts(otherNight).map(\.loaded) == [version("v1")])
    }

    @Test(arguments: Backend.allCases) func `loading twice changes nothing`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        let first = try database.load(
            night, version("v1"), predictions: [prediction("a")], rejections: [rejection("b")])
        let again = try database.load(
            night, version("v1"), predictions: [prediction("a")], rejections: [rejection("b")])
        #expect(try test.query("SELECT count(*) FROM predictions") == [["1"]])
        #expect(try test.query("SELECT count(*) FROM rejections") == [["1"]])
        #expect(try test.query("SELECT count(*) FROM receipts") == [["1"]])
        #expect(first.map(\.loaded) == again.map(\.loaded))
        #expect(first.map(\.transaction) != again.map(\.transaction))
    }

    @Test(arguments: Backend.allCases) func `a receipt without its rows counts for nothing`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        for table in ["predictions", "rejections"] {
            try database.load(night, version("v1"), predictions: [prediction("a")], rejections: [rejection("b")])
            #expect(try database.receipts(night).count == 1)
            try test.execute("DELETE FROM \(table)")
            #expect(try database.receipts(night).isEmpty)
        }
    }

    @Test(arguments: Backend.allCases) func `a load that is refused leaves what was there`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        try database.load(night, version("v1"), predictions: [prediction("a")], rejections: [rejection("b")])
        for stopAt in ["fill", "runs"] {
            let fault = try #require(throws: Fault.self) {
                try database.load(night, stages: [version("v2")]) { (sink) throws(Fault) in
                    try sink.append(prediction("z", "v2"))
                    if stopAt == "fill" { throw Fault(.terminated, "stop") }
                } figures: { (counts) throws(Fault) in
                    #expect(counts.predictions == ["infer": 1])
                    throw Fault(.heldBack, "no")
                }
            }
            #expect(fault.kind == (stopAt == "fill" ? .terminated : .heldBack))
            #expect(try test.query("SELECT item_id FROM predictions") == [["a"]])
            #expect(try database.receipts(night).map(\.loaded) == [version("v1")])
        }
        // The next load starts from nothing, not from what the refused ones had staged.
        try database.load(night, version("v3"), predictions: [prediction("c", "v3")])
        #expect(try test.query("SELECT item_id FROM predictions") == [["c"]])
    }

    @Test(arguments: Backend.allCases) func `an item given twice is a defect, and changes nothing`(_ backend: Backend)
        throws
    {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        try database.load(night, version("v1"), predictions: [prediction("a")])
        let fault = try #require(throws: Fault.self) {
            try database.load(night, version("v2"), predictions: [prediction("b", "v2"), prediction("b", "v2")])
        }
        #expect(fault.kind == .defect)
        #expect(try test.query("SELECT item_id FROM predictions") == [["a"]])
    }

    @Test(arguments: Backend.allCases) func `runs are replaced one by one`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let database = try test.migrated()
        try database.record(
            night,
            LoadFigures(runs: [
                RunRow(stage: "fetch", version: "v1", status: .sealed),
                RunRow(stage: "clean", version: "", status: .absent),
            ]), alerts: [])
        try database.record(
            night,
            LoadFigures(runs: [
                RunRow(stage: "clean", version: "v1", status: .failed, summary: ["failure": "disk \u{1F4A5}"])
            ]), alerts: [])
        #expect(
            try test.query("SELECT stage, version, status FROM runs ORDER BY stage")
                == [["clean", "v1", "failed"], ["fetch", "v1", "sealed"]])
        #expect(try test.query("SELECT count(*) FROM runs WHERE items IS NULL AND started_at IS NULL") == [["2"]])
    }

    @Test(arguments: Backend.allCases) func `thousands of rows go through small buffers`(_ backend: Backend) throws {
        let test = try TestDatabase(backend)
        let filler = String(repeating: "x", count: 2000)
        let receipts = try test.migrated().load(night, stages: [version("v1")]) { (sink) throws(Fault) in
            for number in 0..<10_000 {
                var row = prediction("item-\(number)")
                row.fields = ["filler": .string(filler)]
                try sink.append(row)
                if number % 2 == 0 { try sink.append(rejection("bad-\(number)")) }
            }
        } figures: { (_) throws(Fault) in
            LoadFigures()
        }
        #expect(receipts.map(\.predictions) == [10_000])
        #expect(try test.query("SELECT count(*), count(DISTINCT item_id) FROM predictions") == [["10000", "10000"]])
        #expect(try test.query("SELECT count(*) FROM rejections") == [["5000"]])
    }
}
