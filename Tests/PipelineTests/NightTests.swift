import Foundation
import Glibc
import JSON
import TestKit
import TestTools
import Testing

/// The night as run by cron: `nocturne nightly`.
@Suite(.tags(.slow)) struct NightTests {
    private func runs(_ place: Workplace) throws -> [String: String] {
        let rows = try Rows.read(place["data/nocturne.db"], "SELECT stage, status FROM runs WHERE pipeline = 'small'")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    private func nightly(_ place: Workplace, _ arguments: String...) throws -> Finished {
        try place.program("nocturne", ["nightly", "small", Workplace.batch] + arguments).run()
    }

    @Test func `a night runs all stages and reports each`() throws {
        let place = try Workplace()
        let done = try nightly(place)
        #expect(done.code == 0, "\(done)")
        #expect(done.lines.first?.hasPrefix("small 2026-11-20: done after ") == true, "\(done)")
        #expect(done.lines.count == 8, "the verdict, the header, five stages, the exit code: \(done)")
        #expect(
            done.lines.last
                == "exit code 0: every stage is sealed and current, 5 stages were made; nothing is left to do")
        for (line, stage) in zip(done.lines.dropFirst(2), Binaries.chain) {
            #expect(line.contains(stage) && line.contains("v1 current"), "\(line)")
            #expect(place.current(stage) == "v1")
        }
        #expect(done.out.contains("duplicate 1") && done.out.contains("truncated 1"), "\(done)")
        #expect(try runs(place) == Dictionary(uniqueKeysWithValues: Binaries.chain.map { ($0, "sealed") }))
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["8"]])
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM rejections") == [["2"]])
    }

    @Test func `a night with nothing to do ends, though no stage can leave a mark or an ending`() throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        // A file where their folder would be: as on a root that has become read-only.
        for folder in ["data/small/\(Workplace.batch)/.runs"] + Binaries.chain.map({ "\(place.stage($0))/.locks" }) {
            try? FileManager.default.removeItem(atPath: place[folder])
            try place.write(folder, [])
        }
        let done = try nightly(place)
        #expect(done.code == 0 && done.lines.first?.contains("done after") == true, "\(done)")
    }

    @Test func `a second night does nothing`() throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        let before = try Tree(place["data/small"])
        let again = try nightly(place)
        #expect(again.code == 0, "\(again)")
        #expect(again.seconds < 15, "nothing to do takes no time")
        #expect(
            again.lines.last == "exit code 0: every stage was already sealed and current; nothing needed to be made",
            "\(again)")
        #expect(try Tree(place["data/small"]).differences(from: before).isEmpty)
    }

    @Test func `the summary names what has moved, and --json says all of it`() throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        let moved = try nightly(place)
        #expect(
            moved.lines.contains(
                "current moved: fetch from v1 to v2, clean from v1 to v2, featurize from v1 to v2, infer from v1 to v2, "
                    + "store from v1 to v2"), "\(moved)")
        try place.configure("digits@production", "digits@nothing")
        let failed = try nightly(place, "--json")
        let report = try JSON(parsing: failed.out)
        #expect(failed.code == 78 && report["code"] == 78 && report["cause"] == "infer", "\(failed)")
        #expect(report["stages"]?.array?.count == 5 && report["moved"] == [], "\(failed)")
        #expect(report["alerts"]?.array?.first?["new"] == true, "\(failed)")
        try place.configure("mel_bins", "mel_bnis")
        let wrong = try nightly(place, "--json")
        #expect(try JSON(parsing: wrong.out)["kind"] == "configuration", "\(wrong)")
        #expect(wrong.err.contains("mel_bnis"), "the message is on stderr, too: \(wrong)")
    }

    @Test func `a silent night says nothing unless it fails`() throws {
        let place = try Workplace()
        let quiet = try nightly(place, "--silent")
        #expect(quiet.code == 0, "\(quiet)")
        #expect(quiet.out.isEmpty && quiet.err.isEmpty, "cron would send a mail: \(quiet)")
        try place.configure("part_items = 3", "part_items = 3\nmin_items = 50")
        let loud = try nightly(place, "--silent")
        #expect(loud.code == 10)
        #expect(loud.out.contains("fetch"), "\(loud)")
    }

    @Test func `the failing tool's own code is the exit code`() throws {
        let cases: [(Int32, String, (Workplace) throws -> Void)] = [
            (10, "clean", { try $0.refuseAnyRejection() }),
            (66, "fetch", { try $0.remove(Workplace.source) }),
            (78, "infer", { try $0.configure("digits@production", "digits@nothing") }),
            (78, "infer", { try $0.configure("mel_bins = 80", "mel_bins = 40") }),
            (69, "store", { try $0.configure("sqlite:data/nocturne.db", "postgresql://someone@127.0.0.1:1/none") }),
        ]
        for (code, stage, spoil) in cases {
            let place = try Workplace()
            try spoil(place)
            let done = try nightly(place)
            #expect(done.code == code, "\(stage): \(done)")
            #expect(done.out.contains("failed in \(stage) with exit code \(code)"), "\(done)")
        }
    }

    @Test func `a killed tool is reported in words`() throws {
        let place = try Workplace()
        // fetch ends when `current` is to be switched; nightly itself makes no link.
        let done = try place.program(
            "nocturne", ["nightly", "small", Workplace.batch], environment: ["NOCTURNE_FAULT": "symlink:1:KILL"]
        ).run()
        #expect(done.code == 137 && done.signal == nil, "\(done)")
        #expect(done.out.contains("failed in fetch with exit code 137"), "\(done)")
        #expect(done.lines.last?.contains("memory ran out") == true && done.out.contains("dmesg"), "\(done)")
        #expect(try nightly(place).code == 0)
    }

    @Test func `a summary that is not read to its end changes nothing`() throws {
        let place = try Workplace()
        var program = place.program("nocturne", ["nightly", "small", Workplace.batch])
        program.output = .brokenPipe
        let done = try program.run()
        #expect(done.signal == SIGPIPE && !done.err.contains("standard output"), "\(done)")
        #expect(place.current("store") == "v1")
        try place.configure("part_items = 3", "part_items = 3\nmin_items = 50")
        program = place.program("nocturne", ["nightly", "small", Workplace.batch])
        program.output = .brokenPipe
        #expect(try program.run().code == 10, "the night's own code stands")
    }

    @Test func `a wrong configuration ends the night before it begins`() throws {
        let place = try Workplace()
        try place.configure("mel_bins", "mel_bnis")
        let done = try nightly(place)
        #expect(done.code == 78, "\(done)")
        #expect(!place.exists("data/small"))
    }

    @Test func `a damaged batch ends the night with 65`() throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        try place.flip("\(place.stage("clean"))/v1/part-00000/items.jsonl", at: 12)
        try place.configure("mel_bins = 80", "mel_bins = 80\npreemphasis = 0.9")
        let done = try nightly(place)
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains("clean/v1/part-00000/items.jsonl"), "\(done)")
    }

    @Test func `a failed night is in the database`() throws {
        let place = try Workplace()
        try place.configure("digits@production", "digits@nothing")
        #expect(try nightly(place).code == 78)
        let status = try runs(place)
        #expect(status["clean"] == "sealed" && status["featurize"] == "sealed")
        #expect(status["infer"] == "failed" && status["store"] == "absent", "\(status)")
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["0"]])
    }

    @Test func `a held-back night is in the database`() throws {
        let place = try Workplace()
        try place.refuseAnyRejection()
        #expect(try nightly(place).code == 10)
        #expect(try runs(place)["clean"] == "held_back")
        // A person accepts it, and the next night continues from there.
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run().code == 0)
        #expect(try nightly(place).code == 0)
        #expect(try runs(place)["store"] == "sealed")
    }

    @Test func `an accepted older version rebuilds what follows`() throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        #expect(try nightly(place).code == 0)
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["9"]])
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run().code == 0)
        let done = try nightly(place)
        #expect(done.code == 10, "clean's own run cannot switch what is pinned: \(done)")
        #expect(
            done.lines.first?.hasPrefix(
                "small 2026-11-20: done on what is pinned, while clean v2 waits, with exit code 10 after") == true,
            "\(done)")
        let last = try #require(done.lines.last)
        #expect(last.contains("v2 of clean waits, because current is pinned by hand to v1"), "\(done)")
        #expect(last.contains("'batches use … clean --unpin'"), "\(done)")
        #expect(done.lines.contains { $0.contains("clean") && $0.contains("v1 pinned, v2 waits") }, "\(done)")
        let said = done.out + done.err
        #expect(!said.contains("gate") && !said.contains("fix the cause"), "nothing is wrong but the pin: \(done)")
        #expect(place.current("infer") == "v1", "the same input gives the same version")
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["8"]])
    }

    @Test(arguments: [[], ["--sequential"]])
    func `going back to an earlier version of infer reaches the database`(_ more: [String]) throws {
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        try place.configure("model = \"digits@production\"", "model = \"digits@production\"\nmax_batch_items = 2")
        #expect(try nightly(place).code == 0)
        let loaded = { () throws in
            try Rows.read(place["data/nocturne.db"], "SELECT DISTINCT version FROM predictions")
        }
        #expect(try loaded() == [["v2"]])
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "infer", "v1"]).run().code == 0)
        let back = try place.program("nocturne", ["nightly", "small", Workplace.batch] + more).run()
        #expect(back.code == 10 && back.out.contains("infer v2 waits"), "\(back)")
        #expect(try loaded() == [["v1"]], "\(back)")
        // The next night has nothing to load, and still says what waits.
        let again = try place.program("nocturne", ["nightly", "small", Workplace.batch] + more).run()
        #expect(again.code == 10 && place.link("data/small/2026-11-20/store/current") == "v3", "\(again)")
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "infer", "--unpin"]).run().code == 0)
        #expect(try nightly(place).code == 0)
        #expect(try loaded() == [["v2"]])
    }

    @Test func `a version that was moved away is made again with the same bytes`() throws {
        // The steps in docs/operations.md for an operator in case of damage.
        let place = try Workplace()
        #expect(try nightly(place).code == 0)
        let before = try Tree(place["data/small"], skipping: [".stamps"])
        try place.remove("\(place.stage("clean"))/v1")
        try place.remove("\(place.stage("clean"))/current")
        #expect(try nightly(place).code == 0)
        let after = try Tree(place["data/small"], skipping: [".stamps"])
        #expect(after.differences(from: before).isEmpty, "\(after.differences(from: before))")
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(143))])
    func `a signal stops the night, and the next one completes it`(_ number: Int32, _ code: Int32) throws {
        let whole = try Workplace()
        #expect(try nightly(whole).code == 0)
        let place = try Workplace()
        let running = try place.program("nocturne", ["nightly", "small", Workplace.batch]).start()
        #expect(try running.waits(for: "infer: part-00000"), "the night is to have come to infer")
        running.signal(number)
        let stopped = try running.finish()
        #expect(stopped.code == code, "\(stopped)")
        #expect(try nightly(place).code == 0)
        let difference = try Tree(place["data/small"], skipping: [".stamps"])
            .differences(from: Tree(whole["data/small"], skipping: [".stamps"]))
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `two nights at once do not collide`() throws {
        let place = try Workplace()
        let first = try place.program("nocturne", ["nightly", "small", Workplace.batch]).start()
        let second = try place.program("nocturne", ["nightly", "small", Workplace.batch]).start()
        let codes = [try first.finish().code, try second.finish().code]
        #expect(codes.allSatisfy { [0, 75].contains($0) }, "\(codes)")
        #expect(try nightly(place).code == 0)
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }

    @Test(
        arguments: ["my data", "nights#1", "a:b%c", "a=b;c&d", #"it's "$HOME" `x` \y"#, "-data*?[1]{2}~!"],
        [["nightly"], ["nightly", "--sequential"], ["stream"]])
    func `a root that make could not take works`(_ root: String, _ words: [String]) throws {
        let place = try Workplace()
        let done = try place.program(
            "nocturne", [words[0], "small", Workplace.batch] + words.dropFirst(), environment: ["NOCTURNE_ROOT": root]
        ).run()
        #expect(done.code == 0, "\(done)")
        #expect(place.link("\(root)/small/2026-11-20/store/current") == "v1")
    }

    @Test func `streamed or one after the other, the bytes are the same`() throws {
        let (one, all) = (try Workplace(), try Workplace())
        let sequential = try nightly(one, "--sequential")
        #expect(sequential.code == 0, "\(sequential)")
        #expect(try nightly(all).code == 0)
        #expect(try Tree(all["data/small"]).differences(from: Tree(one["data/small"])).isEmpty)
        // What was followed stands in what no digest covers. A run that ended at once may not have been followed.
        #expect(try !one.text("\(one.stage("clean"))/v1/run.json").contains("follows"))
    }

    @Test func `an absolute root elsewhere works`() throws {
        let place = try Workplace()
        let done = try place.program(
            "nocturne", ["nightly", "small", Workplace.batch], environment: ["NOCTURNE_ROOT": place["deep/root"]]
        ).run()
        #expect(done.code == 0, "\(done)")
        #expect(place.link("deep/root/small/2026-11-20/store/current") == "v1")
    }

    @Test func `the front command runs every tool`() throws {
        let place = try Workplace.finished()
        for tool in Binaries.chain {
            let done = try place.program("nocturne", [tool, "small", Workplace.batch]).run()
            #expect(done.code == 0 && done.out == "\(place.stage(tool))/v1\n", "\(done)")
        }
        let listed = try place.program("nocturne", ["batches", "list"]).run()
        #expect(listed.code == 0 && listed.lines.count == 6, "\(listed)")
    }
}

extension Workplace {
    /// Makes the pipeline so strict that `clean` holds its version back.
    fileprivate func refuseAnyRejection() throws {
        try configure("max_reject_ratio = 0.5\n[clean.fields]", "max_reject_ratio = 0.0\n[clean.fields]")
    }
}
