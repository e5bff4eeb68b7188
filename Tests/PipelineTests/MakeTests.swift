import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// Nights and ranges of nights run by make: `nightly`, `stage`, `backfill`.
@Suite(.tags(.slow)) struct MakeTests {
    private func make(
        _ place: Workplace, _ words: String..., environment: [String: String] = [:]
    ) throws -> Finished {
        try Program(
            [
                "/usr/bin/make", "--no-print-directory", "-f", Checkout.path("pipelines/night.mk"),
                "NOCTURNE=\(Binaries.path("nocturne"))",
            ] + words,
            environment: place.environment.merging(environment) { $1 }, folder: place.path
        ).run()
    }

    @Test func `make runs two pipelines side by side`() throws {
        let place = try Workplace()
        try place.write(
            "pipelines/other/pipeline.toml",
            place.text("pipelines/small/pipeline.toml")
                .replacingOccurrences(of: "part_items = 3", with: "part_items = 4"))
        let done = try make(place, "-j2", "nightly", "PIPELINE=small other", "BATCH=\(Workplace.batch)")
        #expect(done.code == 0, "\(done)")
        let counts = try Rows.read(
            place["data/nocturne.db"], "SELECT pipeline, count(*) FROM predictions GROUP BY 1 ORDER BY 1")
        #expect(counts == [["other", "8"], ["small", "8"]])
        let scores = try ["small", "other"].map {
            try Rows.read(
                place["data/nocturne.db"],
                "SELECT item_id, label FROM predictions WHERE pipeline = '\($0)' ORDER BY 1")
        }
        #expect(scores[0] == scores[1])
    }

    @Test func `make stops at the first failure and keeps what is sealed`() throws {
        let place = try Workplace()
        try place.configure("digits@production", "digits@nothing")
        let done = try make(place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)")
        #expect(done.code == 2, "make turns every failure into 2: \(done)")
        let message = try #require(try place.ending("infer")["message"]?.string)
        let lines = done.complaints.suffix(2)
        #expect(
            lines.first == "night.mk: small \(Workplace.batch) failed in infer with exit code 78: \(message)", "\(done)"
        )
        #expect(lines.last?.hasSuffix("Error 78") == true, "the tool's own code is in make's last line: \(done)")
        #expect(place.current("featurize") == "v1")
        #expect(place.exists("\(place.stage("featurize"))/v1/batch.json"))
        #expect(place.current("store") == nil)
    }

    @Test func `make too goes on below what is pinned, and ends with 10`() throws {
        let place = try Workplace()
        let night = { try make(place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)") }
        #expect(try night().code == 0)
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        #expect(try night().code == 0)
        #expect(try place.program("batches", ["use", "small", Workplace.batch, "clean", "v1"]).run().code == 0)
        let done = try night()
        #expect(done.code == 2 && done.complaints.last?.hasSuffix("Error 10") == true, "\(done)")
        #expect(done.err.contains("small 2026-11-20: clean: v2 is sealed, but current is pinned to v1"), "\(done)")
        #expect(try Rows.read(place["data/nocturne.db"], "SELECT count(*) FROM predictions") == [["8"]])
        // The stage alone ends like its tool.
        let stage = try make(place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=clean")
        #expect(stage.code == 2 && stage.complaints.last?.hasSuffix("Error 10") == true, "\(stage)")
    }

    @Test func `a tool that is killed under make has its ending too`() throws {
        let place = try Workplace()
        let done = try make(
            place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=fetch",
            environment: ["NOCTURNE_FAULT": "symlink:1:KILL"])
        #expect(done.code == 2 && done.err.contains("failed in fetch with exit code 137: killed (SIGKILL)"), "\(done)")
        #expect(try place.ending("fetch")["kind"] == "killed")
    }

    @Test func `a second night touches no stamp`() throws {
        let place = try Workplace()
        let night = { try make(place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)") }
        #expect(try night().code == 0)
        let before = try Tree(place["data/small"])
        let stamp = try place.modified("data/small/\(Workplace.batch)/.stamps/store")
        #expect(try night().code == 0)
        #expect(try Tree(place["data/small"]).differences(from: before).isEmpty)
        #expect(try place.modified("data/small/\(Workplace.batch)/.stamps/store") == stamp)
        let other = try Workplace()
        #expect(try other.program("nocturne", ["nightly", "small", Workplace.batch]).run().code == 0)
        let difference = try Tree(place["data/small"], skipping: [".stamps"]).differences(
            from: Tree(other["data/small"]))
        #expect(difference.isEmpty, "the bytes are those of nocturne nightly: \(difference)")
    }

    @Test(arguments: ["my data", "nights#1", "a:b", "50%", "a$b", "a\\b", "a'b", "a;b", "a=b"])
    func `a root that make cannot take is refused in words`(_ root: String) throws {
        let place = try Workplace()
        let done = try make(
            place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)", environment: ["NOCTURNE_ROOT": root])
        #expect(done.code == 2, "\(done)")
        #expect(done.err.contains("'\(root)'") && done.err.contains("nocturne nightly small"), "\(done)")
        #expect(!place.exists(root))
    }

    @Test func `a batch that is set but empty is the day that is due`() throws {
        let place = try Workplace()
        let due = try place.program("nocturne", ["default-batch", "small"]).run().out.split(separator: "\n")
        let done = try make(place, "nightly", "PIPELINE=small", "BATCH=")
        #expect(
            done.code == 2 && done.err.contains("night.mk: small \(due[0]) failed in fetch with exit code 66"),
            "\(done)")
        #expect(!place.exists("data/small/.stamps") && !place.exists("data/small/\(Workplace.batch)"))
    }

    @Test func `a root or a pipeline that is set but empty is the usual one`() throws {
        let place = try Workplace()
        let done = try make(
            place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)", environment: ["NOCTURNE_ROOT": ""])
        #expect(done.code == 0 && place.exists("data/small/\(Workplace.batch)/.stamps/store"), "\(done)")
        let usual = try make(place, "nightly", "PIPELINE=", "BATCH=\(Workplace.batch)")
        #expect(usual.code == 2 && usual.err.contains("digits"), "a night is never left out silently: \(usual)")
        let outside = try make(place, "nightly", "PIPELINE=small", "BATCH=../x")
        #expect(outside.code == 2 && outside.err.contains("is not the name of a batch"), "\(outside)")
        #expect(!place.exists("data/x"))
    }

    @Test(arguments: ["2026 11 20", "a;b", "$x"]) func `what is not the name of a batch is refused`(_ batch: String)
        throws
    {
        let place = try Workplace()
        for goal in ["nightly", "stage"] {
            let done = try make(place, goal, "PIPELINE=small", "BATCH=\(batch)", "STAGE=fetch")
            #expect(done.code == 2 && done.err.contains("the name of a batch cannot hold"), "\(done)")
        }
    }

    @Test func `make runs one stage`() throws {
        let place = try Workplace.finished()
        let done = try make(
            place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=clean",
            "FLAGS=--set clean.sample_rate=8000")
        #expect(done.code == 0, "\(done)")
        #expect(done.out == "\(place.stage("clean"))/v2\n")
        let wrong = try make(place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=claen")
        #expect(wrong.code == 2)
        #expect(wrong.err.contains("has no stage claen; its stages are fetch clean featurize infer store"), "\(wrong)")
    }

    @Test func `backfill runs the missing nights only`() throws {
        let place = try Workplace()
        for (day, seed) in [("2026-11-18", 70), ("2026-11-19", 71)] {
            try place.write("recordings/\(day)/device-01/a.wav", Recording(seed: UInt64(seed)).bytes)
        }
        #expect(try place.program("nocturne", ["nightly", "small", Workplace.batch]).run().code == 0)
        let before = try Tree(place["data/small/2026-11-20"])
        let done = try place.program("nocturne", ["backfill", "small", "2026-11-17", "2026-11-20"]).run()
        #expect(done.code == 66, "the day without recordings fails, the others do not: \(done)")
        #expect(done.lines.count == 4)
        for (line, word) in zip(done.lines, ["66", "done", "done", "already exists"]) {
            #expect(line.contains(word), "\(done)")
        }
        #expect(try Tree(place["data/small/2026-11-20"]).differences(from: before).isEmpty)
        let days = try Rows.read(place["data/nocturne.db"], "SELECT DISTINCT batch FROM predictions ORDER BY 1")
        #expect(days == [["2026-11-18"], ["2026-11-19"], ["2026-11-20"]])
        let all = try make(place, "backfill", "PIPELINE=small", "FROM=2026-11-18", "TO=2026-11-20", "ALL=1")
        #expect(all.code == 0, "\(all)")
        #expect(!all.out.contains("already exists"), "\(all)")
    }
}
