import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// A later run fetches what is new or changed, appends parts, and leaves every other part unchanged.
@Suite(.tags(.slow)) struct IncrementalFetchTests {
    private func parts(_ place: Workplace, _ version: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place["\(place.stage("fetch"))/\(version)"])
            .filter { $0.hasPrefix("part-") }.sorted()
    }

    /// Which parts of v2 are v1's own files.
    private func kept(_ place: Workplace) throws -> [String] {
        try parts(place, "v1").filter { part in
            let names = ["v1", "v2"].map { "\(place.stage("fetch"))/\($0)/\(part)/part.json" }
            return try place.exists(names[1]) && place.inode(names[0]) == place.inode(names[1])
        }
    }

    @Test func `a new recording is appended as a new part`() throws {
        let place = try Workplace.finished()
        // It sorts before all existing items, but moves nothing.
        try place.write("\(Workplace.source)/device-00/new.wav", Recording(seed: 50).bytes)
        #expect(try place.succeed("fetch") == "\(place.stage("fetch"))/v2")
        #expect(try parts(place, "v2") == (0...4).map { "part-0000\($0)" })
        #expect(try kept(place) == (0...3).map { "part-0000\($0)" })
        #expect(try place.ids("fetch/v2").last == "device-00/new.wav")
        for tool in ["clean", "featurize", "infer"] {
            let done = try JSON(parsing: Array(place.run(tool, "--json").out.utf8))
            #expect(done["parts_made"]?.int == 1, "\(tool) makes the new part only")
            #expect(done["parts_reused"]?.int == 4)
        }
    }

    @Test func `a changed recording remakes only its part`() throws {
        let place = try Workplace.finished()
        let id = try #require(try place.ids("fetch/v1").first { $0 == "device-02/rec-4.wav" })
        try place.write("\(Workplace.source)/\(id)", Recording(seed: 51).bytes)
        try place.succeed("fetch")
        let remade = try parts(place, "v1").filter { try !kept(place).contains($0) }
        #expect(remade.count == 1)
        #expect(try place.text("\(place.stage("fetch"))/v2/\(remade[0])/items.jsonl").contains(id))
        // Its neighbours in the part were not transferred again: they are the same files.
        let folder = "\(place.stage("fetch"))/v2/\(remade[0])/objects"
        let names = try FileManager.default.contentsOfDirectory(atPath: place[folder])
        let linked = try names.filter {
            try place.inode("\(folder)/\($0)") == place.inode("\(place.stage("fetch"))/v1/\(remade[0])/objects/\($0)")
        }
        #expect(linked.count == names.count - 1)
    }

    @Test func `a touched recording with the same bytes stays the same`() throws {
        let place = try Workplace.finished()
        let before = try place.ids("fetch/v1")
        try FileManager.default.setAttributes(
            [.modificationDate: Date()], ofItemAtPath: place["\(Workplace.source)/device-02/rec-4.wav"])
        try place.succeed("fetch")
        let version = try #require(place.current("fetch"))
        #expect(try place.ids("fetch/\(version)") == before)
    }

    @Test func `a deleted recording is gone, and its part remade`() throws {
        let place = try Workplace.finished()
        try place.remove("\(Workplace.source)/device-02/rec-4.wav")
        try place.succeed("fetch")
        #expect(try !place.ids("fetch/v2").contains("device-02/rec-4.wav"))
        #expect(try kept(place).count == 3)
        #expect(try place.ids("fetch/v2").count == 8)
    }

    @Test func `a source that shrinks is held back, and the message says how many and which`() throws {
        let place = try Workplace.finished()
        for id in ["device-02/rec-4.wav", "device-01/rec-3.wav"] { try place.remove("\(Workplace.source)/\(id)") }
        for _ in 1...2 {
            let held = try place.run("fetch")
            #expect(held.code == 10, "\(held)")
            #expect(
                held.err.contains(
                    "the source no longer lists 2 of the 10 items of v1 (0.2), more than max_vanished_ratio = 0.1: "
                        + "'device-01/rec-3.wav', 'device-02/rec-4.wav'"), "\(held)")
            #expect(place.current("fetch") == "v1" && place.link("\(place.stage("fetch"))/held") == "v2")
        }
        #expect(try place.run("clean").code == 10, "no stage goes on with what is held back")
        // Wanted after all: the same version becomes current.
        #expect(try place.succeed("fetch", "--set", "fetch.max_vanished_ratio=0.2").hasSuffix("/v2"))
        #expect(place.current("fetch") == "v2")
        // What comes back is nothing that has vanished.
        try place.write("\(Workplace.source)/device-02/rec-4.wav", Recording(seed: 51).bytes)
        #expect(try place.succeed("fetch").hasSuffix("/v3"))
    }

    @Test func `a whole part that is deleted shifts nothing`() throws {
        let place = try Workplace.finished()
        try place.configure("[fetch]", "[fetch]\nmax_vanished_ratio = 0.5")
        let gone = try place.read("\(place.stage("fetch"))/v1/part-00001/items.jsonl").split(
            separator: UInt8(ascii: "\n")
        )
        .compactMap { try JSON(parsing: Array($0))["id"]?.string }
        for id in gone { try place.remove("\(Workplace.source)/\(id)") }
        try place.succeed("fetch")
        #expect(try kept(place) == ["part-00000", "part-00002", "part-00003"])
        #expect(try place.ids("fetch/v2").count == 9 - gone.count)
        for tool in ["clean", "featurize", "infer", "store"] { try place.succeed(tool) }
    }

    @Test func `changed metadata remakes the item's part`() throws {
        let place = try Workplace.finished()
        try place.write("known.csv", place.text("known.csv").replacingOccurrences(of: "-6", with: "-7"))
        try place.succeed("fetch")
        #expect(try kept(place).count == 3)
        let item = try #require(try place.ledger("fetch/v2").first { $0["id"]?.string == "device-03/rec-2.wav" })
        #expect(item["fields"]?["gain_db"]?.string == "-7")
    }

    @Test func `a duplicate is freed when its original changes`() throws {
        let place = try Workplace.finished()
        #expect(try place.rejects("fetch/v1").compactMap { $0["id"]?.string } == ["device-04/again.wav"])
        try place.write("\(Workplace.source)/device-01/rec-3.wav", Recording(seed: 52).bytes)
        try place.succeed("fetch")
        #expect(try place.rejects("fetch/v2").isEmpty)
        #expect(try place.ids("fetch/v2").contains("device-04/again.wav"))
    }

    @Test func `a duplicate is freed when its original is deleted`() throws {
        let place = try Workplace.finished()
        try place.remove("\(Workplace.source)/device-01/rec-3.wav")
        try place.succeed("fetch")
        #expect(try place.ids("fetch/v2").contains("device-04/again.wav"))
    }

    @Test func `a new duplicate of an old recording is rejected`() throws {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-00/copy.wav", place.read("\(Workplace.source)/device-02/rec-4.wav"))
        try place.succeed("fetch")
        let rejected = try place.rejects("fetch/v2").compactMap { $0["id"]?.string }.sorted()
        #expect(rejected == ["device-00/copy.wav", "device-04/again.wav"])
    }

    @Test func `incremental and fresh runs hold the same items`() throws {
        let place = try Workplace.finished()
        try place.remove("\(Workplace.source)/device-02/rec-4.wav")
        try place.write("\(Workplace.source)/device-01/rec-3.wav", Recording(seed: 53).bytes)
        try place.write("\(Workplace.source)/device-00/new.wav", Recording(seed: 54).bytes)
        for tool in Binaries.chain { try place.succeed(tool) }
        let incremental = try place.ledger("infer/v2")
        try place.remove("data")
        for tool in Binaries.chain { try place.succeed(tool) }
        let fresh = try place.ledger("infer/v1")
        // The parts are cut differently, so the order differs; what is known about each item does not.
        let lines = [incremental, fresh].map { $0.map { $0.text(.canonical) }.sorted() }
        #expect(lines[0].count == 9)
        #expect(lines[0] == lines[1])
    }

    @Test func `keys that differ only in Unicode form are two items`() throws {
        let place = try Workplace()
        try place.write("\(Workplace.source)/device-05/caf\u{E9}.wav", Recording(seed: 60).bytes)
        try place.write("\(Workplace.source)/device-05/cafe\u{301}.wav", Recording(seed: 61).bytes)
        for tool in Binaries.chain { try place.succeed(tool) }
        let names = try place.ids("infer/v1").filter { $0.contains("caf") }
        #expect(names.count == 2)
        #expect(names.map { Array($0.utf8).count } == [20, 19], "bytes decide the order: e + accent before é")
    }

    @Test func `hostile names stay inside the batch`() throws {
        let place = try Workplace()
        let names = [
            "a b", "a+b", "a%2Fb", "..wav", "quote\"'", "tab\there", "日本語", "-rf", "emoji😀", "semi;colon$HOME`x`",
        ]
        for (index, name) in names.enumerated() {
            try place.write("\(Workplace.source)/device-06/\(name).wav", Recording(seed: UInt64(100 + index)).bytes)
        }
        for tool in Binaries.chain { try place.succeed(tool) }
        let seen = try Set(place.ids("infer/v1") + place.rejects("fetch/v1").compactMap { $0["id"]?.string })
        for name in names { #expect(seen.contains("device-06/\(name).wav"), "\(name) is lost") }
        let stored = try Rows.read(place["data/nocturne.db"], "SELECT item_id FROM predictions").map { $0[0] }
        #expect(Set(stored) == Set(try place.ids("infer/v1")))
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }
}
