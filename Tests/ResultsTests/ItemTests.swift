import BatchFormat
import Fault
import Foundation
import JSON
import Results
import StoreStage
import TestBatches
import TestDatabases
import TestServers
import Testing

/// One item: its rows, its ledger, its audio.
@Suite struct ResultsItemTests {
    private static let rate = 8000
    /// A second of a 1 kHz tone of increasing loudness.
    private static let tone = (0..<rate).map { Float(sin(Double($0) * 2 * .pi / 8) * Double($0) / Double(rate)) }

    /// fetch → clean → infer on disk: `a` passes, `bad` is rejected by clean.
    private static func batch() throws -> TestBatch {
        let batch = try TestBatch()
        let object: JSONObject = ["sha256": "ab", "object": "objects/a"]
        try batch.run("fetch", [[TestItem("bad", output: object)], [TestItem("x\"y"), TestItem("a", output: object)]])
        let fetch = try VersionReader(batch.path("fetch")).reference
        var cleaned = TestItem("a", output: ["snr_db": 3], fields: ["device": "d1"], samples: tone)
        cleaned.carried["fetch"] = .object(object)
        try batch.run(
            "clean", [[.rejected("bad", "silent")], [TestItem("x\"y", samples: [0.5, -1]), cleaned]]
        ) {
            $0.inputs = [fetch]
            $0.config = ["sample_rate": .int(Int64(rate))]
        }
        var heard = cleaned
        (heard.samples, heard.output) = (nil, ["label": "three"])
        heard.carried["clean"] = .object(cleaned.output)
        let clean = try VersionReader(batch.path("clean")).reference
        try batch.run("infer", [[], [TestItem("x\"y"), heard]]) { $0.inputs = [clean] }
        return batch
    }

    private static func ask(_ body: () async throws(Fault) -> [UInt8]) async throws -> JSON {
        try JSON(parsing: await body())
    }

    private static func kind(_ body: () async throws(Fault) -> [UInt8]) async -> Fault.Kind? {
        do throws(Fault) {
            _ = try await body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test(arguments: Backend.allCases) func `an item is followed from its object to its row`(_ backend: Backend)
        async throws
    {
        let (filled, batch) = (try Filled(backend), try Self.batch())
        var row = prediction("a")
        row.fields = ["device": "d1"]
        let night = BatchName(pipeline: TestBatch.pipeline, batch: TestBatch.batch)
        try filled.test.open().load(night, stages: RunRow.goodNight.map { version("v1", of: $0.stage) }) {
            (sink) throws(Fault) in
            try sink.append(row)
            try sink.append(rejection("bad", stage: "clean"))
        } figures: { (_) throws(Fault) in
            LoadFigures(runs: RunRow.goodNight, pipeline: usualPipeline)
        }
        let folders = BatchFolders(root: batch.root)
        func item(_ id: String, _ folders: BatchFolders?) async throws -> JSON {
            try await filled.ask(
                ItemQuery(pipeline: night.pipeline, batch: night.batch, item: id, batches: folders))
        }
        let found = try await item("a", folders)
        #expect(found["predictions"]?.array?.map { $0["label"] } == ["three"])
        #expect(found["rejections"] == [])
        #expect(found["ledger"]?["fetch"]?["sha256"] == "ab" && found["ledger"]?["infer"]?["label"] == "three")
        #expect(found["ledger"]?["clean"]?["snr_db"] == 3 && found["ledger_missing"] == JSON.null)
        #expect(found["lineage"]?.array?.map { $0["stage"]?.string } == ["fetch", "clean", "infer", "store"])
        #expect(found["lineage"]?.array?[2]["model"] == "digits@3")
        #expect(found["lineage"]?.array?[0]["tool"] == "fetch")
        let bad = try await item("bad", folders)
        #expect(bad["rejections"]?.array?.map { $0["reason"] } == ["truncated"] && bad["predictions"] == [])
        #expect(bad["ledger"]?["id"] == "bad", "the last line that it has is fetch's")
        let blind = try await item("a", nil)
        #expect(blind["ledger"] == JSON.null && blind["ledger_missing"]?.string?.contains("--root") == true)
        // Known only to the disk.
        #expect(try await item("x\"y", folders)["ledger"]?["id"] == "x\"y")
        for id in ["unknown", "", "a\"}", "../a"] {
            let query = ItemQuery(pipeline: night.pipeline, batch: night.batch, item: id, batches: folders)
            #expect(await filled.fault(query)?.kind == .missing, "\(id)")
        }
        let elsewhere = ItemQuery(pipeline: "../x", batch: night.batch, item: "a", batches: folders)
        #expect(await filled.fault(elsewhere)?.kind == .missing)
        // A damaged part is not shown, and the damage is reported.
        try Damaging.flip(batch.path("infer") + "/part-00001/items.jsonl", at: 200)
        let damaged = try await item("a", folders)
        #expect(damaged["ledger"] == JSON.null && damaged["ledger_missing"]?.string?.contains("SHA-256") == true)
    }

    /// The batch, and a database with its run and its item `a`.
    private static func known(_ options: (inout ResultsOptions) -> Void = { _ in }) throws -> (Filled, TestBatch) {
        let (filled, batch) = (try Filled(.sqlite, options), try Self.batch())
        try filled.load(TestBatch.pipeline, TestBatch.batch, [prediction("a")])
        return (filled, batch)
    }

    private static func about(_ item: String, _ folders: BatchFolders) -> ItemQuery {
        ItemQuery(pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: item, batches: folders)
    }

    @Test func `a search in the ledgers blocks no other query`() async throws {
        let (filled, batch) = try Self.known { $0.connections = 1 }
        // A reader of these ledgers blocks until the test writes into them.
        let ledgers = (0...1).map { batch.path("infer") + "/part-0000\($0)/items.jsonl" }
        for ledger in ledgers {
            try FileManager.default.removeItem(atPath: ledger)
            try #require(mkfifo(ledger, 0o644) == 0)
        }
        func release(_ ledger: String) async throws {
            var descriptor: Int32 = -1
            // Fails until a reader is waiting there.
            while descriptor < 0 {
                descriptor = open(ledger, O_WRONLY | O_NONBLOCK)
                if descriptor < 0 { try await Task.sleep(for: .milliseconds(2)) }
            }
            close(descriptor)
        }
        let folders = BatchFolders(root: batch.root, threads: 1)
        let searching = Task { try await filled.ask(Self.about("a", folders)) }
        try await release(ledgers[0])
        // Now it is in the middle of its search, and stays there.
        #expect(try await filled.ask(PredictionsQuery.patient())["predictions"]?.array?.count == 1)
        try await release(ledgers[1])
        #expect(try await searching.value["predictions"]?.array?.count == 1)
    }

    @Test func `a search in the ledgers ends`() async throws {
        let (filled, batch) = try Self.known()
        let hasty = BatchFolders(root: batch.root, seconds: 0)
        let found = try await filled.ask(Self.about("a", hasty))
        #expect(found["predictions"]?.array?.count == 1, "what the database knows is shown anyway")
        #expect(found["ledger_missing"]?.string?.contains("too long") == true)
        #expect(await filled.fault(Self.about("unknown", hasty))?.kind == .retryLater, "perhaps the disk knows it")
        let patient = BatchFolders(root: batch.root)
        #expect(await filled.fault(Self.about("unknown", patient))?.kind == .missing)
    }

    @Test func `a waveform has the extremes of each span`() async throws {
        let batch = try Self.batch()
        let folders = BatchFolders(root: batch.root)
        func waveform(_ item: String, _ points: Int) async throws(Fault) -> [UInt8] {
            try await folders.waveform(
                pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: item, points: points)
        }
        let found = try await Self.ask { () throws(Fault) in try await waveform("a", 4) }
        #expect(found["seconds"] == 1.0 && found["sample_rate"] == 8000)
        let (low, high) = (found["minimum"]?.array?.compactMap(\.double), found["maximum"]?.array?.compactMap(\.double))
        #expect(low?.count == 4 && high?.count == 4)
        for (span, value) in (high ?? []).enumerated() { #expect(abs(value - Double(span + 1) / 4) < 0.01) }
        for (span, value) in (low ?? []).enumerated() { #expect(abs(value + Double(span + 1) / 4) < 0.01) }
        let short = try await Self.ask { () throws(Fault) in try await waveform("x\"y", 4) }
        #expect(short["minimum"] == [-1.0] && short["maximum"] == [0.5])
        // A second of audio at 8 kHz: 160 samples per span, although that is coarser than 10 ms.
        let fine = try await Self.ask { () throws(Fault) in try await waveform("a", 4000) }
        #expect(fine["minimum"]?.array?.count == 50 && fine["maximum"]?.array?.count == 50, "too coarse to listen to")
        #expect(await Self.kind { () throws(Fault) in try await waveform("bad", 4) } == .missing)
        #expect(await Self.kind { () throws(Fault) in try await waveform("a", 0) } == .usage)
        let elsewhere = await Self.kind { () throws(Fault) in
            try await folders.waveform(pipeline: "..", batch: "..", item: "a")
        }
        #expect(elsewhere == .usage || elsewhere == .missing)
    }

    @Test func `a spectrogram shows a tone`() async throws {
        let batch = try Self.batch()
        let folders = BatchFolders(root: batch.root)
        let found = try await Self.ask { () throws(Fault) in
            try await folders.spectrogram(
                pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: "a", frames: 10, bands: 16)
        }
        let values = try #require(found["values"]?.array).map { $0.array?.compactMap(\.double) ?? [] }
        #expect(found["frames"] == 10 && found["bands"] == 16)
        #expect(values.count == 10 && values.allSatisfy { $0.count == 16 })
        // 1 kHz is 1000 mel; 16 bands from 20 Hz (32 mel) to 4 kHz (2146 mel) put it into the band around the eighth.
        let loudest = values[9].indices.max { values[9][$0] < values[9][$1] }
        #expect(loudest == 6 || loudest == 7)
        #expect((values[9].max() ?? 0) > (values[2].max() ?? 0) + 6, "it grows louder")
        let fine = try await Self.ask { () throws(Fault) in
            try await folders.spectrogram(pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: "a")
        }
        // 98 frames of 25 ms, every 10 ms, four to a span.
        #expect(fine["frames"] == 24 && fine["bands"] == 40, "too coarse to listen to")
        let bands = await Self.kind { () throws(Fault) in
            try await folders.spectrogram(
                pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: "a", bands: 41)
        }
        #expect(bands == .usage)
        let short = try await Self.ask { () throws(Fault) in
            try await folders.spectrogram(pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: "x\"y")
        }
        #expect(short["values"] == [] && short["frames"] == 0, "two samples do not make a frame")
    }

    @Test func `sound is a wave file`() async throws {
        let batch = try Self.batch()
        let folders = BatchFolders(root: batch.root)
        let wav = try await folders.audio(pipeline: TestBatch.pipeline, batch: TestBatch.batch, item: "x\"y")
        #expect(Array(wav[0..<4]) == Array("RIFF".utf8) && Array(wav[8..<16]) == Array("WAVEfmt ".utf8))
        #expect(wav.count == 48 && wav[4] == 40 && wav[40] == 4)
        #expect(Array(wav[24..<28]) == [0x40, 0x1F, 0, 0], "8000 Hz")
        // 0.5 and -1 as 16-bit samples, little-endian.
        #expect(Array(wav[44...]) == [0x00, 0x40, 0x01, 0x80])
    }

    @Test func `versions and their differences are shown`() async throws {
        let batch = try Self.batch()
        let folders = BatchFolders(root: batch.root)
        let clean = try VersionReader(batch.path("clean")).reference
        try batch.run("infer", [[], [TestItem("x\"y", output: ["label": "four"])]]) {
            $0.inputs = [clean]
            $0.config = ["limits": ["top": 3], "device": "cpu"]
        }
        let versions = try await Self.ask { () throws(Fault) in
            try await folders.versions(pipeline: TestBatch.pipeline, batch: TestBatch.batch)
        }
        #expect(
            versions["versions"]?.array?.map {
                "\($0["stage"]?.string ?? "") \($0["version"]?.string ?? "") \($0["state"]?.string ?? "")"
            } == ["fetch v1 current", "clean v1 current", "infer v1 superseded", "infer v2 current"])
        #expect(versions["versions"]?.array?[1]["config"]?["sample_rate"] == 8000)
        #expect(versions["versions"]?.array?[0]["fingerprint"]?.string?.count == 64)
        func difference(_ a: String, _ b: String) async throws(Fault) -> [UInt8] {
            try await folders.difference(
                pipeline: TestBatch.pipeline, batch: TestBatch.batch, stage: "infer", from: a, to: b)
        }
        let found = try await Self.ask { () throws(Fault) in try await difference("v1", "v2") }
        #expect(
            found["changes"] == [
                ["key": "limits", "a": nil, "b": ["top": 3]], ["key": "device", "a": nil, "b": "cpu"],
            ])
        #expect(found["only_in_a"] == ["a"] && found["only_in_a_items"] == 1)
        #expect(found["changed_items"] == 1 && found["changed"]?.array?.first?["item"] == "x\"y")
        #expect(await Self.kind { () throws(Fault) in try await difference("v1", "v9") } == .missing)
        #expect(await Self.kind { () throws(Fault) in try await difference("v1", "../v1") } == .usage)
        let none = await Self.kind { () throws(Fault) in try await folders.versions(pipeline: "birds", batch: "x") }
        #expect(none == .missing)
    }
}
