import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// A night whose raw objects were released.
@Suite struct ReleaseTests {
    /// A finished night without its raw objects.
    private static let without = Result {
        let place = try Workplace.finished()
        let done = try place.program("batches", ["gc", "--raw-days", "0"]).run()
        guard done.code == 0, done.lines.last?.hasPrefix("4 parts' raw objects: ") == true else {
            throw HarnessError("\(done)")
        }
        return place
    }

    private func released() throws -> Workplace { try Workplace(copying: Self.without.get()) }

    private func objects(_ place: Workplace, _ version: String) throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: place["\(place.stage("fetch"))/\(version)"])
            .filter { $0.contains("/objects/") }.count
    }

    private func verify(_ place: Workplace, _ arguments: String...) throws -> Finished {
        try place.program("batches", ["verify", "small"] + arguments).run()
    }

    @Test(arguments: [[], ["--quick"], ["--deep"]]) func `verify honours a release`(_ arguments: [String]) throws {
        let place = try released()
        #expect(try objects(place, "v1") == 0)
        let done = try place.program("batches", ["verify", "small"] + arguments).run()
        #expect(done.code == 0 && done.out.contains("9 raw objects released"), "\(done)")
    }

    @Test func `the night has nothing to do`() throws {
        let place = try released()
        for tool in Binaries.chain { #expect(try place.succeed(tool) == "\(place.stage(tool))/v1") }
        #expect(try objects(place, "v1") == 0)
    }

    @Test func `a stage that needs the bytes says what to do`() throws {
        let place = try released()
        let done = try place.run("clean", "--set", "clean.sample_rate=8000")
        #expect(done.code == 66, "\(done)")
        for words in ["/objects/", "was released at", "older than 0 days", "--force"] {
            #expect(done.err.contains(words), "\(done)")
        }
        #expect(place.current("clean") == "v1")
        #expect(try place.succeed("fetch", "--force") == "\(place.stage("fetch"))/v2")
        #expect(try objects(place, "v2") == 9)
        #expect(try place.succeed("clean") == "\(place.stage("clean"))/v1", "the bytes are those that clean has read")
        let again = try place.run("clean", "--set", "clean.sample_rate=8000")
        #expect(again.code == 0, "\(again)")
        #expect(try verify(place, "--deep").code == 0)
    }

    @Test func `only a late recording is fetched`() throws {
        let place = try released()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        for tool in Binaries.chain.dropLast() {
            let done = try JSON(parsing: Array(place.run(tool, "--json").out.utf8))
            #expect(done["parts_made"]?.int == 1 && done["parts_reused"]?.int == 4, "\(tool): \(done)")
        }
        try place.succeed("store")
        #expect(try objects(place, "v2") == 1)
        let done = try verify(place, "--deep")
        #expect(done.code == 0, "\(done)")
        #expect(done.out.contains(", 9 raw objects released:"), "v1 and v2 share the parts that lack them: \(done)")
        #expect(try JSON(parsing: Array(verify(place, "--json").out.utf8))["released"] == 9)
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["9"]])
    }

    @Test func `a part with a changed recording is fetched again whole`() throws {
        let place = try released()
        try place.write("\(Workplace.source)/device-02/rec-4.wav", Recording(seed: 51).bytes)
        for tool in Binaries.chain { try place.succeed(tool) }
        #expect(try objects(place, "v2") == 3, "its neighbours are cleaned again, so their bytes are needed")
        #expect(try verify(place, "--deep").code == 0)
    }

    @Test func `an object that is lost without a record is still damage`() throws {
        let place = try Workplace.finished()
        try place.remove(place.first("\(place.stage("fetch"))/v1/part-00001/objects/*"))
        for arguments in [[], ["--quick"], ["--deep"]] {
            let done = try place.program("batches", ["verify", "small"] + arguments).run()
            #expect(done.code == 65 && done.err.contains("part-00001/objects/"), "\(done)")
        }
    }
}
