import BatchFormat
import Durable
import Fault
import Foundation
import JSON
import StageRun
import StoreStage
import TestDatabases
import TestServers
import Testing

/// The stage as run by the tool, on both databases.
@Suite struct StoreStageTests {
    @Test(arguments: Backend.allCases) func `a night is loaded with all that belongs to it`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        let outcome = try night.store(test.url).run()
        #expect(outcome.status == .current)
        #expect(outcome.path == night.root + "/digits/2026-11-20/store/v1")
        #expect(try night.folder("store").current() == 1)
        #expect(
            try test.query(
                "SELECT stage, version, item_id, model, model_version, label FROM predictions ORDER BY item_id")
                == [
                    ["infer", "v1", "a", "digits", "3", "three"], ["infer", "v1", "c", "digits", "3", "four"],
                    ["infer", "v1", "d", "digits", "3", "five"],
                ])
        let utc =
            backend == .sqlite
            ? "recorded_at" : "to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        #expect(try test.query("SELECT DISTINCT \(utc) FROM predictions") == [["2026-11-19T22:04:11.000000Z"]])
        #expect(
            try test.query("SELECT stage, version, item_id, reason FROM rejections ORDER BY stage")
                == [["fetch", "v1", "bad", "duplicate"], ["infer", "v1", "b", "inference_failed"]])
        #expect(
            try test.query("SELECT stage, version, items, rejected, status FROM runs ORDER BY stage")
                == [
                    ["fetch", "v1", "4", "1", "sealed"], ["infer", "v1", "3", "1", "sealed"],
                    ["store", "v1", "3", "0", "sealed"],
                ])
        #expect(
            try test.query("SELECT seconds, peak_memory_bytes FROM runs WHERE stage = 'infer'") == [["2.5", "1048576"]])
        let bytes = try test.query("SELECT bytes_out FROM runs WHERE stage = 'fetch'")
        #expect(try test.query("SELECT bytes_in FROM runs WHERE stage = 'infer'") == bytes)
        #expect(try test.query("SELECT stage FROM receipts ORDER BY stage") == [["fetch"], ["infer"], ["store"]])
    }

    @Test(arguments: Backend.allCases) func `the receipt on disk says what was loaded where`(_ backend: Backend) throws
    {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        let outcome = try night.store(test.url).run()
        let verification = try Verification.verify(version: outcome.path)
        #expect(verification.damages.isEmpty)
        let receipt = try SealedJSON.read(outcome.path + "/receipt.json").object
        #expect(receipt["items"] == 3)
        #expect(receipt["loaded"]?.array?.map { $0["stage"]?.string } == ["fetch", "infer"])
        let transaction = try test.query("SELECT transaction_id FROM receipts WHERE stage = 'store'")
        let recorded = try #require(outcome.seal?.run.transaction)
        #expect(transaction == [["\(recorded)"]])
        let manifest = try String(contentsOfFile: outcome.path + "/run.json", encoding: .utf8)
        #expect(!manifest.contains("nocturne@"))
    }

    @Test(arguments: Backend.allCases) func `running it again changes nothing`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        let first = try night.store(test.url).run()
        let receipts = try test.query("SELECT * FROM receipts ORDER BY stage")
        let again = try night.store(test.url).run()
        #expect(again.path == first.path)
        #expect(try test.query("SELECT * FROM receipts ORDER BY stage") == receipts)
        #expect(try night.folder("store").versions() == [1])
    }

    @Test(arguments: Backend.allCases) func `a database emptied by hand is filled again`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        try test.execute("DELETE FROM predictions WHERE item_id = 'c'")
        let again = try night.store(test.url).run()
        #expect(try test.query("SELECT count(*) FROM predictions") == [["3"]])
        #expect(again.path.hasSuffix("/v2"))
    }

    @Test(arguments: Backend.allCases) func `a new upstream version is swapped in`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        let fetch = try night.seal("fetch", 2, parts: [[Item("a"), Item("e")]])
        try night.seal("infer", 2, inputs: [fetch], parts: [[.saying("six", "a"), .saying("six", "e")]])
        let outcome = try night.store(test.url).run()
        #expect(outcome.path.hasSuffix("/v2"))
        #expect(
            try test.query("SELECT version, item_id, label FROM predictions ORDER BY item_id")
                == [["v2", "a", "six"], ["v2", "e", "six"]])
        #expect(try test.query("SELECT count(*) FROM rejections") == [["0"]])
        #expect(try test.query("SELECT DISTINCT version FROM runs") == [["v2"]])
    }

    @Test(arguments: Backend.allCases) func `a run that died after its commit only writes its seal`(_ backend: Backend)
        throws
    {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        let first = try night.store(test.url).run()
        let digest = try #require(first.seal?.digest)
        let receipts = try test.query("SELECT * FROM receipts ORDER BY stage")
        let receiptBytes = try AtomicFile.read(first.path + "/receipt.json")
        for file in ["batch.json", "receipt.json"] { try Folders.remove(first.path + "/" + file) }
        try Folders.remove(try night.folder("store").path + "/current")
        let again = try night.store(test.url).run()
        #expect(again.path == first.path)
        #expect(again.seal?.digest == digest)
        #expect(try AtomicFile.read(first.path + "/receipt.json") == receiptBytes)
        #expect(try test.query("SELECT * FROM receipts ORDER BY stage") == receipts)
    }

    @Test(arguments: Backend.allCases) func `one bad item does not cost the night`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        var items = (0..<97).map { Item.saying("one", "item-\($0)") }
        items.append(Item("nul-field", fields: ["notes": ["a", "b\0c"]], output: ["label": "x"]))
        items.append(Item("nul-name", fields: [:], output: ["bad\0name": 1]))
        items.append(Item(String(repeating: "l", count: 2049), output: ["label": "x"]))
        let fetch = try night.seal("fetch", parts: [items.map { Item($0.id) }])
        try night.seal("infer", inputs: [fetch], parts: [items])
        let outcome = try night.store(test.url).run()
        #expect(outcome.status == .current)
        #expect(try test.query("SELECT count(*) FROM predictions") == [["97"]])
        let refused = try test.query(
            "SELECT version, reason, message FROM rejections WHERE stage = 'store' ORDER BY message")
        #expect(refused.map { $0[0] } == ["v1", "v1", "v1"])
        #expect(refused.allSatisfy { $0[1] == "unstorable" })
        #expect(refused.map { $0[2] ?? "" }.contains { $0.contains("fields.notes[1] holds U+0000") })
        #expect(try test.query("SELECT items, rejected FROM runs WHERE stage = 'store'") == [["97", "3"]])
        #expect(try night.store(test.url).run().path == outcome.path)
    }

    @Test(arguments: Backend.allCases) func `too many bad items hold the load back`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        let fetch = try night.seal("fetch", 2, parts: [[Item("a"), Item("b")]])
        try night.seal("infer", 2, inputs: [fetch], parts: [[.saying("x", "a"), Item("b", output: ["label": "\0"])]])
        let fault = try #require(throws: Fault.self) { try night.store(test.url).run() }
        #expect(fault.kind == .heldBack)
        #expect(try test.query("SELECT DISTINCT version FROM predictions") == [["v1"]])
        #expect(try night.folder("store").current() == 1)
    }

    @Test(arguments: Backend.allCases) func `several results are loaded together`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        let toml = """
            [translate]
            tool = "infer"
            input = "infer"
            model = "german@1"
            [store]
            input = ["infer", "translate"]
            """
        let infer = try night.sealChain()
        try night.seal(
            "translate", tool: "infer", inputs: [infer],
            parts: [[.saying("drei", "a")], [.saying("vier", "c"), .saying("5", "d")]])
        try night.store(test.url, toml: toml).run()
        #expect(
            try test.query("SELECT stage, count(*) FROM predictions GROUP BY stage ORDER BY stage")
                == [["infer", "3"], ["translate", "3"]])
        #expect(try test.query("SELECT count(*) FROM rejections") == [["2"]])
        // A newer infer that translate has not read: the two would contradict each other.
        let fetch = try night.seal("fetch", 2, parts: [[Item("a")]])
        try night.seal("infer", 2, inputs: [fetch], parts: [[.saying("one", "a")]])
        let fault = try #require(throws: Fault.self) { try night.store(test.url, toml: toml).run() }
        #expect(fault.kind == .missing)
        #expect(fault.message.contains("different versions of 'infer'"))
    }

    @Test func `what is not there is missing`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        #expect(try #require(throws: Fault.self) { try night.store(test.url).run() }.kind == .missing)
        let infer = try night.sealChain()
        try Folders.remove(try night.folder("fetch").path)
        #expect(try #require(throws: Fault.self) { try night.store(test.url).run() }.kind == .missing)
        try night.seal("fetch", parts: [[Item("other")]])
        #expect(try #require(throws: Fault.self) { try night.store(test.url).run() }.kind == .damaged)
        #expect(try night.folder("store").versions().isEmpty)
        #expect(infer.seal.items == 3)
    }

    @Test func `a damaged ledger loads nothing`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        let infer = try night.sealChain()
        let file = infer.path + "/part-00001/items.jsonl"
        var bytes = try AtomicFile.read(file)
        bytes[10] ^= 1
        try AtomicFile.write(bytes, to: file)
        #expect(try #require(throws: Fault.self) { try night.store(test.url).run() }.kind == .damaged)
        #expect(try test.query("SELECT count(*) FROM predictions") == [["0"]])
        #expect(try test.query("SELECT count(*) FROM receipts") == [["0"]])
    }

    @Test func `a trial loads what it is given and moves nothing`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        let old = try night.sealChain()
        let fetch = try night.seal("fetch", 2, parts: [[Item("a")]])
        try night.seal("infer", 2, inputs: [fetch], parts: [[.saying("one", "a")]])
        try night.store(test.url).run()
        let outcome = try night.store(test.url) { $0.input = old.path }.run()
        #expect(outcome.status == .apart)
        #expect(try night.folder("store").current() == 1)
        #expect(try test.query("SELECT DISTINCT version FROM predictions") == [["v1"]])
        try night.store(test.url).run()
        #expect(try test.query("SELECT DISTINCT version FROM predictions") == [["v2"]])
        let wrongTool = try #require(throws: Fault.self) { try night.store(test.url) { $0.input = fetch.path }.run() }
        #expect(wrongTool.kind == .usage)
        let another = try BatchAddress(root: night.root, pipeline: night.pipeline, batch: "2026-11-21")
        let otherBatch = try #require(throws: Fault.self) {
            try night.store(test.url) {
                $0.input = old.path
                $0.address = another
            }.run()
        }
        #expect(otherBatch.kind == .usage)
        let parts = try #require(throws: Fault.self) { try night.store(test.url) { $0.parts = .listed([0...0]) }.run() }
        #expect(parts.kind == .usage)
    }

    @Test(arguments: Backend.allCases) func `a dry run touches nothing`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        let outcome = try night.store(test.url) { $0.dryRun = true }.run()
        #expect(outcome.status == .dryRun)
        #expect(try night.folder("store").versions().isEmpty)
        if backend == .sqlite { #expect(!Folders.exists(String(test.url.dropFirst(7)))) }
    }

    @Test func `another store of the batch is waited for, not disturbed`() throws {
        let (test, night) = (try TestDatabase(.sqlite), try TestNight())
        try night.sealChain()
        let lock = try night.folder("store").lock()
        #expect(try #require(throws: Fault.self) { try night.store(test.url).run() }.kind == .retryLater)
        lock.release()
        try night.store(test.url).run()
    }
}
