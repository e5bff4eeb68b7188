import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// Machines with differing clocks, and days in the future: no output depends on the clock.
@Suite(.tags(.slow)) struct ClockFaultTests {
    private static let day = 86_400

    /// The library that sets a tool's clock, compiled once.
    private static let shim = Result {
        let folder = try ScratchFolder()
        let source = Checkout.path("Tests/FaultCampaignTests/clock.c")
        let done = try Program(
            ["/usr/bin/env", "clang", "-shared", "-fPIC", "-o", folder["clock.so"], source, "-ldl"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"], folder: folder.path
        ).run()
        guard done.code == 0 else { throw HarnessError("\(done)") }
        return folder
    }

    private func clock(_ seconds: Int) throws -> [String: String] {
        ["LD_PRELOAD": try Self.shim.get()["clock.so"], "NOCTURNE_CLOCK_OFFSET": "\(seconds)"]
    }

    /// The year in which a stage says it started.
    private func year(of stage: String, in place: Workplace) throws -> String {
        let seal = try JSON(parsing: place.read("\(place.stage(stage))/v1/batch.json"))
        return String(try #require(seal["run"]?["started_at"]?.string).prefix(4))
    }

    @Test func `machines whose clocks differ make the same night`() throws {
        let place = try Workplace()
        let offsets = [2 * Self.day, -900 * Self.day, 0, -2 * Self.day, 900 * Self.day]
        for (tool, offset) in zip(Binaries.chain, offsets) {
            let done = try place.run(tool, environment: clock(offset))
            #expect(done.code == 0, "\(done)")
        }
        #expect(try year(of: "clean", in: place) < year(of: "featurize", in: place), "the clocks are not apart")
        let undisturbed = try Workplace.finished()
        for tool in Binaries.chain {
            let differences = try Tree(place[place.stage(tool)], skipping: [".locks"])
                .differences(from: Tree(undisturbed[undisturbed.stage(tool)], skipping: [".locks"]))
            #expect(differences.isEmpty, "\(differences)")
        }
        // With the clocks the other way round, there is nothing to do.
        for (tool, offset) in zip(Binaries.chain, offsets) {
            let done = try place.run(tool, "--json", environment: clock(-offset))
            #expect(done.code == 0 && done.out.contains("\"parts_made\": 0"), "\(done)")
        }
    }

    @Test(arguments: [-2 * day, 2 * day]) func `a night is continued under another clock`(_ offset: Int) throws {
        let place = try Workplace()
        let night = ["nightly", "small", Workplace.batch]
        let first = try place.program("nocturne", night, environment: clock(offset)).run()
        #expect(first.code == 0, "\(first)")
        let before = try Tree(place["data/small"], skipping: [".locks"])
        let second = try place.program("nocturne", night, environment: clock(-offset)).run()
        #expect(second.code == 0, "\(second)")
        let differences = try Tree(place["data/small"], skipping: [".locks"]).differences(from: before)
        #expect(differences.isEmpty, "\(differences)")
        // Late uploads are fetched, whatever the clock.
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        #expect(try place.program("nocturne", night, environment: clock(offset)).run().code == 0)
        #expect(try place.ids("infer/v2").contains("device-05/new.wav"))
    }

    @Test(.tags(.server)) func `a store that finds the clock too far off denies access and says so`() throws {
        let server = try TestServer.faulty()
        let done = try Workplace().program(
            "fetch",
            [
                "small", Workplace.batch, "--set", "fetch.source=s3://skewed/", "--set",
                "fetch.endpoint=\(server.url)",
            ],
            environment: ["AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "something"]
        ).run()
        #expect(done.code == 77 && done.err.contains("set this machine's clock"), "\(done)")
    }

    @Test func `a day that has not come is missing, not empty`() throws {
        let place = try Workplace()
        let fetched = try place.program("fetch", ["small", "2099-01-01"]).run()
        #expect(fetched.code == 66 && fetched.err.contains("recordings/2099-01-01"), "\(fetched)")
        let cleaned = try place.program("clean", ["small", "2099-01-01"]).run()
        #expect(cleaned.code == 66 && cleaned.err.contains("run 'fetch'"), "\(cleaned)")
        let night = try place.program("nocturne", ["nightly", "small", "2099-01-01"]).run()
        #expect(night.code == 66 && night.out.contains("exit code 66"), "\(night)")
        #expect(!place.exists("data/small/2099-01-01/fetch/v1"))
    }
}
