import Foundation
import Glibc
import TestKit
import TestTools
import Testing

/// `[stream] consume` and `disk_budget`, through the built tools.
@Suite(.tags(.slow)) struct ConsumingTests {
    private static let consume = "[stream]\nconsume = true\n\n[fetch]\n"
    /// Less than one part of the standard night.
    private static let littleRoom = "[stream]\nconsume = true\ndisk_budget = \"1 KiB\"\n\n[fetch]\n"

    private func nocturne(_ place: Workplace, _ command: String, _ more: String...) throws -> Finished {
        try place.program("nocturne", [command, "small", Workplace.batch] + more).run()
    }

    /// The names of the existing raw objects, in any version.
    private func objects(_ place: Workplace) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: place[place.stage("fetch")])
            .filter { $0.contains("/objects/") && !$0.hasPrefix("current/") }
    }

    /// The output of `batches verify`, which must find nothing wrong.
    private func verified(_ place: Workplace) throws -> String {
        let done = try place.program("batches", ["verify", "small", "--deep"]).run()
        #expect(done.code == 0, "\(done)")
        return done.out
    }

    /// The stages after fetch must be as if nothing had been released.
    private func differences(_ place: Workplace, from other: Workplace) throws -> [String] {
        try ["clean", "featurize", "infer", "store"].flatMap { stage in
            try Tree(place[place.stage(stage)]).differences(from: Tree(other[other.stage(stage)]))
        }
    }

    @Test(arguments: ["nightly", "stream"]) func `consumed objects are released whatever runs the stages`(
        _ command: String
    ) throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.consume)
        let done = try nocturne(place, command)
        #expect(done.code == 0, "\(done)")
        #expect(try objects(place) == [])
        #expect(try verified(place).contains("9 raw objects released"))
        #expect(try differences(place, from: Workplace.finished()).isEmpty)
    }

    @Test(arguments: ["nightly", "stream"]) func `what earlier runs have left is released, too`(_ command: String)
        throws
    {
        let place = try Workplace.finished()
        try place.configure("[fetch]\n", Self.consume)
        #expect(try objects(place).count == 9)
        #expect(try nocturne(place, command).code == 0)
        #expect(try objects(place) == [])
        #expect(try verified(place).contains("9 raw objects released"))
        #expect(place.current("clean") == "v1", "nothing was recomputed")
    }

    @Test func `a held-back version keeps the objects until it is accepted`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.consume)
        try place.configure("max_reject_ratio = 0.5\n[clean.fields]", "max_reject_ratio = 0.01\n[clean.fields]")
        #expect(try nocturne(place, "nightly").code == 10)
        #expect(try objects(place).count == 9)
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run().code == 0)
        #expect(try nocturne(place, "nightly").code == 0)
        #expect(try objects(place) == [])
    }

    @Test func `the next stream releases what a killed one left`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.consume)
        let first = try place.program("nocturne", ["stream", "small", Workplace.batch]).start()
        try place.wait(for: "\(place.stage("clean"))/v1/part-00001/part.json")
        first.signal(SIGKILL)
        #expect(try !first.waitsUntilStopped(), "it is dead")
        #expect(try nocturne(place, "stream").code == 0)
        #expect(try first.finish().signal == SIGKILL)
        #expect(try objects(place) == [])
        #expect(try differences(place, from: Workplace.finished()).isEmpty)
        _ = try verified(place)
    }

    @Test(arguments: ["nightly", "stream"]) func `a part that versions share is released in all of them`(
        _ command: String
    ) throws {
        let place = try Workplace.finished()
        let staged = try Workplace.finished()
        for one in [place, staged] {
            try one.write("\(Workplace.source)/device-09/late.wav", Recording(seed: 99, seconds: 0.5).bytes)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_795_125_700)],
                ofItemAtPath: one["\(Workplace.source)/device-09/late.wav"])
        }
        for tool in Binaries.chain { try staged.succeed(tool) }
        try place.configure("[fetch]\n", Self.consume)
        #expect(try nocturne(place, command).code == 0)
        #expect(place.current("fetch") == "v2")
        #expect(try objects(place) == [], "the first version's links hold the bytes as well")
        #expect(try verified(place).contains("10 raw objects released"), "each is counted once")
        #expect(try differences(place, from: staged).isEmpty)
        // Again, with a change in a part whose objects are gone: they are fetched again, and released again.
        try place.write("\(Workplace.source)/device-01/rec-3.wav", Recording(seed: 77, seconds: 0.6).bytes)
        #expect(try nocturne(place, command).code == 0)
        #expect(place.current("fetch") == "v3" && place.current("infer") == "v3")
        #expect(try objects(place) == [])
        _ = try verified(place)
    }

    @Test func `what a reader still needs stays`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.consume)
        let second = "[other]\ntool = \"clean\"\ninput = \"fetch\"\nmax_reject_ratio = 0.5\n\n[featurize]\n"
        try place.configure("[featurize]\n", second)
        try place.succeed("fetch")
        try place.succeed("clean")
        #expect(try objects(place).count == 9, "other has not read them")
        let other = try place.program("clean", ["small", Workplace.batch, "--stage", "other"]).run()
        #expect(other.code == 0, "\(other)")
        #expect(try objects(place) == [])
        // Fetched again for a new configuration of one stage, they may not be released by the other.
        try place.configure("input = \"fetch\"\n", "input = \"fetch\"\nsample_rate = 8000\n")
        try place.succeed("fetch", "--force")
        try place.succeed("clean")
        #expect(try objects(place).count == 9)
        let again = try place.program("clean", ["small", Workplace.batch, "--stage", "other"]).run()
        #expect(again.code == 0, "\(again)")
        #expect(try objects(place) == [])
    }

    @Test func `a fetch for which nobody makes room says so at once`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.littleRoom)
        for flags in [[], ["--force"]] {
            let alone = try place.program("fetch", ["small", Workplace.batch] + flags).run()
            #expect(alone.code == 75, "\(alone)")
            #expect(alone.err.contains("stream.disk_budget is 1024"), "\(alone)")
            #expect(alone.err.contains("nocturne stream"), "\(alone)")
            #expect(alone.seconds < 30, "follow_wait is a minute, and no run would come: \(alone)")
        }
        #expect(place.current("fetch") == nil)
    }

    @Test(arguments: ["nightly", "stream", "backfill"]) func `a night fits through its disk budget`(_ command: String)
        throws
    {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.littleRoom)
        let days = command == "backfill" ? [Workplace.batch] : []
        let done = try place.program("nocturne", [command, "small", Workplace.batch] + days).run()
        #expect(done.code == 0, "\(done)")
        #expect(try objects(place) == [])
        #expect(try differences(place, from: Workplace.finished()).isEmpty)
        _ = try verified(place)
    }

    @Test func `a consumed night can be fetched again within its budget`() throws {
        let place = try Workplace()
        try place.configure("[fetch]\n", Self.littleRoom)
        #expect(try nocturne(place, "stream").code == 0)
        try place.configure("[clean]\n", "[clean]\nmin_seconds = 0.4\n")
        let without = try nocturne(place, "stream")
        #expect(without.code == 66 && without.err.contains("was released"), "\(without)")
        let again = try nocturne(place, "stream", "--force")
        #expect(again.code == 0, "\(again)")
        #expect(place.current("fetch") == "v2")
        #expect(try objects(place) == [])
        _ = try verified(place)
    }
}
