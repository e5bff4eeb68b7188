import Foundation
import Glibc
import JSON
import TestKit
import TestTools
import Testing

/// Every run of a stage says how it ended, in `BATCH/.runs/STAGE.json`.
@Suite struct EndingTests {
    private func file(_ place: Workplace, _ stage: String) -> String {
        "data/small/\(Workplace.batch)/.runs/\(stage).json"
    }

    @Test func `a run that ends well says so`() throws {
        let place = try Workplace.finished()
        for tool in Binaries.chain {
            let ending = try place.ending(tool)
            #expect(ending["code"] == 0 && ending["kind"] == "done" && ending["version"] == "v1", "\(ending)")
            #expect(ending["stage"] == .string(tool) && ending["tool"] == .string(tool) && ending["because"] == nil)
            #expect(ending["time"]?.string?.hasSuffix("Z") == true)
        }
        #expect(try place.run("clean").code == 0)
        #expect(try place.ending("clean")["message"] == "v1 is sealed and current", "nothing was to be made")
    }

    @Test func `a run that fails says its own last line`() throws {
        let cases: [(String, Int32, String, (Workplace) throws -> Void)] = [
            ("fetch", 66, "missing", { try $0.remove(Workplace.source) }),
            ("infer", 78, "configuration", { try $0.configure("digits@production", "digits@nothing") }),
            ("featurize", 78, "configuration", { try $0.configure("mel_bins", "mel_bnis") }),
            (
                "store", 69, "unavailable",
                { try $0.configure("sqlite:data/nocturne.db", "postgresql://someone@127.0.0.1:1/x") }
            ),
        ]
        for (tool, code, kind, spoil) in cases {
            let place = try Workplace.finished()
            try spoil(place)
            let done = try place.run(tool)
            #expect(done.code == code, "\(done)")
            let ending = try place.ending(tool)
            #expect(ending["code"]?.int == Int(code) && ending["kind"] == .string(kind) && ending["because"] == nil)
            let message = try #require(ending["message"]?.string)
            #expect(done.err.hasSuffix("\(tool): \(message)\n"), "\(message) and \(done)")
        }
    }

    @Test func `a run that has nothing to read blames the stage before`() throws {
        let place = try Workplace()
        #expect(try place.run("clean").code == 66)
        #expect(try place.ending("clean")["because"] == "fetch")
        #expect(!place.exists(place.stage("clean")), "no stage is left behind by saying so")
    }

    @Test func `what could never move current leaves the ending of the run that could`() throws {
        let place = try Workplace.finished()
        let before = try place.read(file(place, "clean"))
        for trial in [
            ["--input", "\(place.stage("fetch"))/v1"], ["--parts", "0"], ["--shard", "1/2"], ["--dry-run"],
            ["--parts", "99"], ["--input", "nowhere"], ["--set", "clean.sample_rate=x", "--dry-run"], ["--jobs", "0"],
        ] {
            _ = try place.program("clean", ["small", Workplace.batch] + trial).run()
            #expect(try place.read(file(place, "clean")) == before, "\(trial)")
        }
        let stored = try place.read(file(place, "store"))
        #expect(try place.run("store", "--runs-only").code == 0)
        #expect(try place.read(file(place, "store")) == stored)
    }

    @Test func `a run that meets another one's lock writes nothing`() throws {
        let listener = try SilentListener()
        let place = try Workplace()
        let source = "fetch.source=http://127.0.0.1:\(listener.port)/index.jsonl"
        let first = try place.program("fetch", ["small", Workplace.batch, "--set", source]).start()
        try place.wait(for: "\(place.stage("fetch"))/.locks/writer")
        #expect(try place.run("fetch").code == 75)
        #expect(!place.exists(file(place, "fetch")), "it is the first one's to write")
        first.signal(SIGTERM)
        #expect(try first.finish().code == 143)
        #expect(try place.ending("fetch")["kind"] == "terminated")
    }

    @Test func `a run that is killed is not taken for the one before`() throws {
        let place = try Workplace.finished()
        try place.configure("mel_bins = 80", "mel_bins = 80\npreemphasis = 0.9")
        #expect(try place.run("featurize", environment: ["NOCTURNE_FAULT": "symlink:1:KILL"]).signal == SIGKILL)
        #expect(!place.exists(file(place, "featurize")))
    }

    @Test func `a disk that takes no ending changes nothing else`() throws {
        let place = try Workplace.finished()
        try place.remove("data/small/\(Workplace.batch)/.runs")
        try place.write("data/small/\(Workplace.batch)/.runs", "a file in its place")
        let done = try place.run("clean", "--force")
        #expect(done.code == 0, "\(done)")
        #expect(place.current("clean") == "v2")
    }

    @Test func `a pipeline that does not exist gets no folder`() throws {
        let place = try Workplace()
        #expect(try place.program("clean", ["smal", Workplace.batch]).run().code == 66)
        #expect(try place.run("clean", "--stage", "claen").code == 64)
        #expect(!place.exists("data"))
    }
}
