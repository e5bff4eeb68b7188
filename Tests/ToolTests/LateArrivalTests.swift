import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// A recording that comes after the night is included in new versions, and no work is repeated.
@Suite struct LateArrivalTests {
    @Test func `only the new part is made, and store swaps the versions`() throws {
        let place = try Workplace.finished()
        let before = try Rows.read(
            place["data/nocturne.db"], "SELECT item_id, label, score FROM predictions ORDER BY item_id")
        try place.write("\(Workplace.source)/device-00/late.wav", Recording(seed: 50).bytes)
        for tool in Binaries.chain.dropLast() {
            let done = try place.run(tool, "--json", "--why")
            let summary = try JSON(parsing: Array(done.out.utf8))
            #expect(summary["parts_made"]?.int == 1 && summary["parts_reused"]?.int == 4, "\(tool): \(done)")
            #expect(done.err.contains("1 of 5 parts are not in v1"), "\(done)")
        }
        #expect(try place.succeed("store") == "\(place.stage("store"))/v2")

        for stage in ["fetch", "clean", "featurize", "infer"] {
            for part in 0...3 {
                let seals = ["v1", "v2"].map { "\(place.stage(stage))/\($0)/part-0000\(part)/part.json" }
                #expect(try place.inode(seals[0]) == place.inode(seals[1]), "\(stage) part \(part) is the same file")
            }
            #expect(place.current(stage) == "v2")
        }
        let database = place["data/nocturne.db"]
        let after = try Rows.read(database, "SELECT item_id, label, score FROM predictions ORDER BY item_id")
        #expect(after.count == before.count + 1 && after.contains { $0[0] == "device-00/late.wav" })
        #expect(before.allSatisfy(after.contains), "the others are as they were")
        let versions = try Rows.read(database, "SELECT DISTINCT version FROM predictions")
        #expect(versions == [["v2"]], "one version at a time")
        #expect(try place.program("batches", ["verify", "small", "--deep"]).run().code == 0)

        // Once more: there is nothing left to do.
        for tool in Binaries.chain { #expect(try place.succeed(tool) == "\(place.stage(tool))/v2") }
    }

    @Test func `a late recording comes in after housekeeping, too`() throws {
        let place = try Workplace.finished()
        for (number, name) in ["one", "two", "three"].enumerated() {
            try place.write("\(Workplace.source)/device-00/\(name).wav", Recording(seed: UInt64(60 + number)).bytes)
            for tool in Binaries.chain { try place.succeed(tool) }
            let done = try place.program("batches", ["gc", "--keep", "1", "--raw-days", "0"]).run()
            #expect(done.code == 0, "\(done)")
        }
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["11"]])
        let fetched = try FileManager.default.contentsOfDirectory(atPath: place[place.stage("fetch")])
        #expect(fetched.filter { $0.hasPrefix("v") } == ["v4"])
        #expect(try place.ids("infer/v4").count == 11)
        #expect(try place.program("batches", ["verify", "small", "--deep"]).run().code == 0)
    }
}
