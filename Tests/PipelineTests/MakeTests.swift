import Foundation
import TestPrograms
import Testing
import ToolSupport

/// The night as make runs it, and the nights of a range: `nightly`, `stage`, `backfill`.
@Suite struct MakeTests {
    private func make(_ place: Workplace, _ words: String...) throws -> Finished {
        try Program(
            [
                "/usr/bin/make", "--no-print-directory", "-f", Binaries.checkout + "/pipelines/night.mk",
                "NOCTURNE=\(Binaries.path("nocturne"))",
            ] + words,
            environment: place.environment, folder: place.path
        ).run()
    }

    @Test func makeRunsTwoPipelinesSideBySide() throws {
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

    @Test func makeStopsAtTheFirstFailureAndKeepsWhatIsSealed() throws {
        let place = try Workplace()
        try place.configure("digits@production", "digits@nothing")
        let done = try make(place, "nightly", "PIPELINE=small", "BATCH=\(Workplace.batch)")
        #expect(done.code == 2, "make turns every failure into 2: \(done)")
        #expect(place.current("featurize") == "v1")
        #expect(place.exists("\(place.stage("featurize"))/v1/batch.json"))
        #expect(place.current("store") == nil)
    }

    @Test func makeRunsOneStage() throws {
        let place = try Workplace.finished()
        let done = try make(
            place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=clean",
            "FLAGS=--set clean.sample_rate=8000")
        #expect(done.code == 0, "\(done)")
        #expect(done.out == "\(place.stage("clean"))/v2\n")
        let wrong = try make(place, "stage", "PIPELINE=small", "BATCH=\(Workplace.batch)", "STAGE=claen")
        #expect(wrong.code == 2)
        #expect(wrong.err.contains("claen"), "\(wrong)")
    }

    @Test func backfillRunsTheMissingNightsOnly() throws {
        let place = try Workplace()
        for (day, seed) in [("2026-11-18", 70), ("2026-11-19", 71)] {
            try place.write("recordings/\(day)/device-01/a.wav", Recording(seed: UInt64(seed)).bytes)
        }
        #expect(try place.program("nocturne", ["nightly", "small", Workplace.batch]).run().code == 0)
        let before = try Tree(place["data/small/2026-11-20"])
        let done = try place.program("nocturne", ["backfill", "small", "2026-11-17", "2026-11-20"]).run()
        #expect(done.code == 66, "the day without recordings fails, the others do not: \(done)")
        #expect(done.lines.count == 4)
        for (line, word) in zip(done.lines, ["66", "done", "done", "there already"]) {
            #expect(line.contains(word), "\(done)")
        }
        #expect(try Tree(place["data/small/2026-11-20"]).differences(from: before).isEmpty)
        let days = try Rows.read(place["data/nocturne.db"], "SELECT DISTINCT batch FROM predictions ORDER BY 1")
        #expect(days == [["2026-11-18"], ["2026-11-19"], ["2026-11-20"]])
        let all = try make(place, "backfill", "PIPELINE=small", "FROM=2026-11-18", "TO=2026-11-20", "ALL=1")
        #expect(all.code == 0, "\(all)")
        #expect(!all.out.contains("there already"), "\(all)")
    }
}
