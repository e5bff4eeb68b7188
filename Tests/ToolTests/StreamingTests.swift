import Foundation
import Glibc
import TestKit
import TestTools
import Testing

/// All stages concurrently, with the built tools.
@Suite(.tags(.slow)) struct StreamingTests {
    private func stream(_ place: Workplace, _ more: String...) throws -> Finished {
        try place.program("nocturne", ["stream", "small", Workplace.batch] + more).run()
    }

    /// The contents of the database that do not vary between runs.
    private func rows(_ place: Workplace) throws -> [[String]] {
        try [
            "SELECT * FROM predictions ORDER BY stage, item_id", "SELECT * FROM rejections ORDER BY stage, item_id",
            "SELECT stage, version, fingerprint, items, rejected, status FROM runs ORDER BY stage",
        ].flatMap { try Rows.read(place["data/nocturne.db"], $0) }
    }

    @Test func `the tree is that of a staged night`() throws {
        let (place, staged) = (try Workplace(), try Workplace.finished())
        let done = try stream(place)
        #expect(done.code == 0, "\(done)")
        #expect(done.lines.first?.contains("small 2026-11-20: done after") == true, "\(done)")
        let difference = try Tree(place["data/small"]).differences(from: Tree(staged["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
        #expect(try rows(place) == rows(staged))
        let verified = try place.program("batches", ["verify", "small", "--deep"]).run()
        #expect(verified.code == 0, "\(verified)")
    }

    @Test func `pieces of long recordings are those of a staged night`() throws {
        let split = { () throws -> Workplace in
            let place = try Workplace()
            try place.configure(
                "[clean]\n", "[clean]\nlong = \"split\"\nmax_seconds = 1.0\nsplit_overlap = 0.1\nmin_seconds = 0.3\n")
            for (index, seconds) in [3.7, 0.8, 12.3].enumerated() {
                let name = "\(Workplace.source)/device-08/long-\(index).wav"
                try place.write(name, Recording(seed: UInt64(80 + index), seconds: seconds, rate: 16000).bytes)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_795_125_700)], ofItemAtPath: place[name])
            }
            return place
        }
        let (streamed, staged) = (try split(), try split())
        let done = try stream(streamed)
        #expect(done.code == 0, "\(done)")
        for tool in Binaries.chain { try staged.succeed(tool) }
        let difference = try Tree(streamed["data/small"]).differences(from: Tree(staged["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
        #expect(try rows(streamed) == rows(staged))
        let pieces = try streamed.ids("infer/v1").filter { $0.hasPrefix("device-08/long-2.wav@") }
        #expect(pieces.count >= 12, "\(pieces)")
        let verified = try streamed.program("batches", ["verify", "small", "--deep"]).run()
        #expect(verified.code == 0, "\(verified)")
        // Killed in the middle, then continued.
        let killed = try split()
        let first = try killed.program("nocturne", ["stream", "small", Workplace.batch]).start()
        try killed.wait(for: "\(killed.stage("clean"))/v1/part-00003/part.json")
        first.signal(SIGKILL)
        #expect(try !first.waitsUntilStopped(), "it is dead")
        #expect(try stream(killed).code == 0)
        let end = try first.finish()
        #expect(end.signal == SIGKILL || end.code == 0, "killed, or through already on a busy machine: \(end)")
        #expect(try Tree(killed["data/small"]).differences(from: Tree(staged["data/small"])).isEmpty)
    }

    @Test func `a second time there is nothing to do`() throws {
        let place = try Workplace.finished()
        let before = try Tree(place["data/small"])
        let done = try stream(place, "--silent")
        #expect(done.code == 0 && done.out.isEmpty, "\(done)")
        // Far less than follow_wait: no one waits for a stage that had nothing to do.
        #expect(done.seconds < 30, "\(done)")
        let difference = try Tree(place["data/small"]).differences(from: before)
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `late recordings become the versions of a staged night`() throws {
        let late = { () throws -> Workplace in
            let place = try Workplace.finished()
            try place.write("\(Workplace.source)/device-09/late.wav", Recording(seed: 99, seconds: 0.5).bytes)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_795_125_700)],
                ofItemAtPath: place["\(Workplace.source)/device-09/late.wav"])
            return place
        }
        let (streamed, staged) = (try late(), try late())
        #expect(try stream(streamed).code == 0)
        for tool in Binaries.chain { try staged.succeed(tool) }
        #expect(streamed.current("infer") == "v2")
        let difference = try Tree(streamed["data/small"]).differences(from: Tree(staged["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `the code is that of the first stage that failed`() throws {
        let place = try Workplace()
        try place.remove("recordings")
        let done = try stream(place)
        #expect(done.code == 66, "\(done)")
        #expect(done.out.contains("failed in fetch with exit code 66"), "\(done)")
        #expect(done.seconds < 30, "no stage waits for one that has failed: \(done)")
        #expect(place.current("clean") == nil)
    }

    @Test func `a stage that cannot begin is not waited for`() throws {
        let (place, staged) = (try Workplace(), try Workplace.finished())
        try place.configure("digits@production", "digits@99")
        let done = try stream(place)
        #expect(done.code == 78, "\(done)")
        #expect(done.out.contains("failed in infer"), "\(done)")
        #expect(done.seconds < 30, "\(done)")
        #expect(place.current("store") == nil)
        // What the others had sealed is kept, and continued.
        try place.configure("digits@99", "digits@production")
        #expect(try stream(place).code == 0)
        let difference = try Tree(place["data/small"], skipping: ["alerts.jsonl"])
            .differences(from: Tree(staged["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `a gate that fails holds everything after it back`() throws {
        let place = try Workplace()
        try place.configure("[clean]\nmax_reject_ratio = 0.5", "[clean]\nmax_reject_ratio = 0.01")
        let done = try stream(place)
        #expect(done.code == 10, "\(done)")
        #expect(done.out.contains("failed in clean with exit code 10"), "\(done)")
        #expect(place.current("fetch") == "v1")
        for stage in ["clean", "featurize", "infer", "store"] { #expect(place.current(stage) == nil, "\(stage)") }
        // Accepted by hand, the night becomes the same as if nothing had been held back.
        let used = try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run()
        #expect(used.code == 0, "\(used)")
        #expect(try place.program("nocturne", ["nightly", "small", Workplace.batch]).run().code == 0)
        #expect(try rows(place).filter { $0.count > 6 } == rows(Workplace.finished()).filter { $0.count > 6 })
    }

    @Test func `a writer that is killed ends its follower`() throws {
        let listener = try SilentListener()
        let place = try Workplace()
        let source = "fetch.source=http://127.0.0.1:\(listener.port)/index.jsonl"
        // The follower is there first: what begins after it is what it follows, whenever it looks.
        let clean = try place.program("clean", ["small", Workplace.batch, "--follow", "--verbose"]).start()
        try place.wait(for: "\(place.stage("clean"))/.locks/writer")
        let fetch = try place.program("fetch", ["small", Workplace.batch, "--set", source]).start()
        try place.wait(for: "\(place.stage("fetch"))/.locks/writer")
        try listener.waitForCaller()
        fetch.killAll()
        #expect(try fetch.finish().signal == SIGKILL)
        let done = try clean.finish()
        #expect(done.code == 75, "\(done)")
        #expect(done.err.contains("fetch"), "\(done)")
        #expect(place.current("clean") == nil)
    }

    @Test func `a signal stops all stages`() throws {
        let listener = try SilentListener()
        let place = try Workplace()
        try place.configure("recordings/{batch}/", "http://127.0.0.1:\(listener.port)/index.jsonl")
        let night = try place.program("nocturne", ["stream", "small", Workplace.batch]).start()
        try place.wait(for: "\(place.stage("infer"))/.locks/writer")
        night.signal(SIGINT)
        let done = try night.finish()
        #expect(done.code == 130, "\(done)")
        #expect(done.out.contains("exit code 130"), "\(done)")
    }

    @Test func `without a stage to follow there must be a version`() throws {
        let (place, staged) = (try Workplace(), try Workplace.finished())
        let soon = ["--follow", "--set", "stream.follow_wait=50 ms"]
        for tool in ["clean", "featurize", "infer", "store"] {
            let done = try place.program(tool, ["small", Workplace.batch] + soon).run()
            #expect(done.code == 66, "\(done)")
        }
        try place.succeed("fetch")
        for tool in ["clean", "featurize", "infer", "store"] {
            let done = try place.program(tool, ["small", Workplace.batch] + soon).run()
            #expect(done.code == 0, "\(done)")
        }
        let difference = try Tree(place["data/small"]).differences(from: Tree(staged["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test(arguments: ["--input=data", "--parts=0", "--shard=1/2", "--why", "--dry-run"])
    func `options that do not go with following are refused`(_ option: String) throws {
        let done = try Workplace().run("clean", "--follow", option)
        #expect(done.code == 64, "\(done)")
        #expect(done.err.contains("--follow"), "\(done)")
    }

    @Test func `fetch has no stage to follow`() throws {
        let done = try Workplace().run("fetch", "--follow")
        #expect(done.code == 64, "\(done)")
        #expect(done.err.contains("--follow"), "\(done)")
    }
}
