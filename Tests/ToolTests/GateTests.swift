import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// Gates hold a version back (10) until it passes or a person accepts it.
@Suite struct GateTests {
    @Test func `too few items hold the night back`() throws {
        let place = try Workplace()
        let done = try place.run("fetch", "--set", "fetch.min_items=50")
        #expect(done.code == 10, "\(done)")
        #expect(done.out == "\(place.stage("fetch"))/v1\n", "the version is there to be looked at")
        #expect(done.err.contains("min_items"), "\(done)")
        #expect(done.err.contains("batches use"), "the message says what to do: \(done)")
        #expect(place.exists("\(place.stage("fetch"))/v1/batch.json"))
        #expect(place.current("fetch") == nil)
    }

    @Test func `an empty night is held back by default`() throws {
        let place = try Workplace()
        try place.remove(Workplace.source)
        try place.write("\(Workplace.source)/notes.txt", "no recording")
        let done = try place.run("fetch")
        #expect(done.code == 10, "\(done)")
        #expect(place.current("fetch") == nil)
    }

    @Test func `too many rejections hold the version back until they are few enough`() throws {
        let place = try Workplace()
        try place.succeed("fetch")
        let held = try place.run("clean", "--set", "clean.max_reject_ratio=0.1")
        #expect(held.code == 10, "\(held)")
        #expect(held.err.contains("max_reject_ratio"), "\(held)")
        #expect(place.current("clean") == nil)
        // Gates do not affect the bytes: the same version passes a milder gate, and nothing is made again.
        let passed = try place.run("clean", "--json")
        #expect(passed.code == 0, "\(passed)")
        #expect(try JSON(parsing: Array(passed.out.utf8))["parts_made"]?.int == 0)
        #expect(place.current("clean") == "v1")
    }

    @Test func `gates are evaluated again at every run`() throws {
        let place = try Workplace()
        try place.succeed("fetch")
        for _ in 1...2 {
            let held = try place.run("clean", "--set", "clean.max_reject_ratio=0.1")
            #expect(held.code == 10, "a held-back version stays held back: \(held)")
        }
        try place.succeed("clean")
        let again = try place.run("clean", "--set", "clean.max_reject_ratio=0.1")
        #expect(again.code == 10, "the gate is looked at again though there is nothing to make: \(again)")
    }

    @Test func `stages after a held-back version stop`() throws {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        #expect(try place.run("fetch", "--set", "fetch.min_items=50").code == 10)
        #expect(place.current("fetch") == "v1", "current stays where it was")
        let next = try place.run("clean")
        #expect(next.code == 10, "the next stage must not quietly run on the old version: \(next)")
        #expect(next.err.contains("fetch/v2"), "\(next)")
        #expect(place.current("clean") == "v1")
    }

    @Test func `a person accepts a held-back version`() throws {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        let strict = ["--set", "fetch.min_items=50"]
        #expect(try place.run("fetch", strict[0], strict[1]).code == 10)
        let used = try place.program("batches", ["use", "small", Workplace.batch, "fetch", "v2"]).run()
        #expect(used.code == 0, "\(used)")
        #expect(place.current("fetch") == "v2")
        try place.succeed("clean")
        #expect(place.current("clean") == "v2")
        // Pinned, the version stays accepted although the gate still fails.
        #expect(try place.run("fetch", strict[0], strict[1]).code == 0)
        #expect(place.current("fetch") == "v2")
    }

    @Test func `a pin holds current until it is removed`() throws {
        let place = try Workplace.finished()
        let batches = { try place.program("batches", ["use", "small", Workplace.batch, "clean", $0]).run() }
        #expect(try batches("v1").code == 0)
        let other = try place.run("clean", "--set", "clean.sample_rate=8000")
        #expect(other.code == 10, "a pinned current does not follow: \(other)")
        let stage = "small \(Workplace.batch) clean"
        for words in ["pinned to v1 by hand", "'batches use \(stage) v2'", "'batches use \(stage) --unpin'"] {
            #expect(other.err.contains(words), "\(other)")
        }
        #expect(!other.err.contains("gate") && !other.err.contains("fix the cause"), "\(other)")
        #expect(place.current("clean") == "v1")
        #expect(try place.run("featurize").code == 0, "the stages after it run on what is pinned")
        #expect(try batches("--unpin").code == 0)
        #expect(place.current("clean") == "v1", "current follows from the next run on, not before")
        #expect(try place.run("clean", "--set", "clean.sample_rate=8000").code == 0)
        #expect(place.current("clean") == "v2")
    }

    @Test func `an unsealed version cannot be accepted`() throws {
        let place = try Workplace()
        try place.succeed("fetch")
        try place.succeed("clean", "--parts", "0")
        #expect(!place.exists("\(place.stage("clean"))/v1/batch.json"))
        let used = try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run()
        #expect(used.code == 66, "\(used)")
        #expect(used.err.contains("not sealed"), "\(used)")
        #expect(place.current("clean") == nil)
    }

    @Test func `store's gate keeps what the database had`() throws {
        let place = try Workplace.finished()
        let rows = { try Rows.read(place["data/nocturne.db"], "SELECT * FROM predictions ORDER BY item_id") }
        let before = try rows()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        for tool in ["fetch", "clean", "featurize", "infer"] { try place.succeed(tool) }
        let held = try place.run("store", "--set", "store.min_items=50")
        #expect(held.code == 10, "\(held)")
        #expect(try rows() == before)
        try place.succeed("store")
        #expect(try rows().count == before.count + 1)
    }
}
