import Foundation
import Glibc
import TestKit
import TestTools
import Testing

/// Exit codes and their messages, as promised to scripts by the documentation. Gates (10), disks (74), locks (75) and
/// signals have suites of their own.
@Suite(.tags(.slow)) struct ExitCodeTests {
    /// A wrong call: the tool, what is wrong, the code, and what the message must name.
    struct Wrong: CustomTestStringConvertible, Sendable {
        let tool: String
        let arguments: [String]
        let code: Int32
        let naming: [String]

        init(_ tool: String, _ arguments: String, _ code: Int32, naming: String...) {
            self.tool = tool
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.code = code
            self.naming = naming
        }

        var testDescription: String { "\(tool) \(arguments.joined(separator: " "))" }
    }

    static let usage = [
        Wrong("fetch", "", 64, naming: "<pipeline>"),
        Wrong("clean", "small 2026-11-20 --nonsense", 64, naming: "--nonsense"),
        Wrong("clean", "small 2026-11-20 surplus", 64, naming: "surplus"),
        Wrong("clean", "small ../2026-11-20", 64, naming: "../2026-11-20", "batch"),
        Wrong("clean", "small .hidden", 64, naming: ".hidden", "batch"),
        Wrong("clean", "../small 2026-11-20", 64, naming: "../small", "pipeline"),
        Wrong("clean", "small ünicode", 64, naming: "ünicode", "batch"),
        Wrong("clean", "small " + String(repeating: "x", count: 65), 64, naming: "64"),
        Wrong("clean", "small 2026-11-20 --parts a-b", 64, naming: "--parts", "a-b"),
        Wrong("clean", "small 2026-11-20 --parts 3-1", 64, naming: "--parts", "3-1"),
        Wrong("clean", "small 2026-11-20 --parts -1", 64, naming: "--parts"),
        Wrong("clean", "small 2026-11-20 --parts 0,,2", 64, naming: "--parts", "0,,2"),
        Wrong("clean", "small 2026-11-20 --parts 99999999999999999999", 64, naming: "--parts"),
        Wrong("clean", "small 2026-11-20 --parts 4", 64, naming: "--parts", "4"),
        Wrong("clean", "small 2026-11-20 --shard 3/2", 64, naming: "--shard", "3/2"),
        Wrong("clean", "small 2026-11-20 --shard 0/2", 64, naming: "--shard", "0/2"),
        Wrong("clean", "small 2026-11-20 --shard 1/2 --parts 0", 64, naming: "--shard", "--parts"),
        Wrong("clean", "small 2026-11-20 --jobs 0", 64, naming: "--jobs"),
        Wrong("clean", "small 2026-11-20 --jobs many", 64, naming: "--jobs", "many"),
        Wrong("clean", "small 2026-11-20 --log-format xml", 64, naming: "--log-format", "xml"),
        Wrong("clean", "small 2026-11-20 --quiet --verbose", 64, naming: "--quiet", "--verbose"),
        Wrong("clean", "small 2026-11-20 --stage infer", 64, naming: "infer", "clean"),
        Wrong("clean", "small 2026-11-20 --stage nope", 64, naming: "nope", "featurize"),
        Wrong("store", "small 2026-11-20 --parts 0", 64, naming: "--parts"),
        Wrong("batches", "use small 2026-11-20 clean one", 64, naming: "v2"),
        Wrong("batches", "diff small", 64, naming: "diff"),
        Wrong("nocturne", "bogus", 64, naming: "bogus"),
        Wrong("nocturne", "backfill small 2026-11-30 2026-11-01", 64, naming: "2026-11-30"),
        Wrong("nocturne", "backfill small 2026-02-29 2026-03-01", 64, naming: "2026-02-29"),
    ]

    static let missing = [
        Wrong("clean", "nowhere 2026-11-20", 66, naming: "nowhere", "pipeline.toml"),
        Wrong("clean", "small 2026-11-21", 66, naming: "2026-11-21/fetch", "run 'fetch'"),
        Wrong("fetch", "small 2026-11-21", 66, naming: "recordings/2026-11-21"),
        Wrong("clean", "small 2026-11-20 --input data/nothing", 66, naming: "data/nothing"),
        Wrong("clean", "small 2026-11-20 --config nothing.toml", 66, naming: "nothing.toml"),
        Wrong("clean", "small 2026-11-20 --root elsewhere", 66, naming: "elsewhere/small"),
        Wrong("batches", "show small 2026-11-20 nope", 66, naming: "nope"),
        Wrong("batches", "verify small 2026-11-21", 66, naming: "2026-11-21"),
        Wrong("batches", "use small 2026-11-20 clean v9", 66, naming: "v9"),
        Wrong("batches", "list nowhere", 66, naming: "nowhere"),
        Wrong("nocturne", "nightly nowhere", 66, naming: "nowhere"),
    ]

    static let configuration = [
        Wrong(
            "clean", "small 2026-11-20 --set clean.sampel_rate=8000", 78, naming: "clean.sampel_rate",
            "clean.sample_rate"),
        Wrong("clean", "small 2026-11-20 --set claen.sample_rate=8000", 78, naming: "claen", "clean"),
        Wrong("clean", "small 2026-11-20 --set clean.sample_rate=fast", 78, naming: "clean.sample_rate", "fast"),
        Wrong("clean", "small 2026-11-20 --set clean.sample_rate=-1", 78, naming: "clean.sample_rate", "-1"),
        Wrong("clean", "small 2026-11-20 --set clean.resampler=soxr-hp", 78, naming: "soxr-hp", "soxr-hq"),
        Wrong("clean", "small 2026-11-20 --set clean.sample_rate", 78, naming: "clean.sample_rate", "KEY=VALUE"),
        Wrong("clean", "small 2026-11-20 --set clean.min_seconds=90", 78, naming: "min_seconds", "max_seconds"),
        Wrong("infer", "small 2026-11-20 --set infer.model=digits@7", 78, naming: "digits", "'7'"),
        Wrong("infer", "small 2026-11-20 --set infer.model=digit@1", 78, naming: "digit", "digits"),
        Wrong("infer", "small 2026-11-20 --set infer.model=digits", 78, naming: "NAME@"),
        Wrong("infer", "small 2026-11-20 --set infer.device=tpu", 78, naming: "infer.device", "tpu"),
        Wrong("store", "small 2026-11-20 --set store.url=mysql://db/x", 78, naming: "store.url", "postgresql"),
    ]

    @Test(arguments: usage + missing + configuration) func `a wrong call ends with its code and says why`(
        _ wrong: Wrong
    ) throws {
        let place = try Workplace.finished()
        let before = try Tree(place["data"])
        let done = try place.program(wrong.tool, wrong.arguments).run()
        #expect(done.code == wrong.code, "\(done)")
        #expect(done.out.isEmpty, "a failure has no result: \(done)")
        for word in wrong.naming { #expect(done.err.contains(word), "the message does not name \(word): \(done)") }
        #expect(!done.err.contains("Fault("), "a message is for people: \(done)")
        let after = try Tree(place["data"])
        let traces = after.differences(from: before).filter { trace in
            // An empty folder with a lock in it is harmless.
            after.entries.first { trace.hasPrefix($0.key + ":") }?.value != .folder
        }
        #expect(traces.isEmpty, "a wrong call leaves traces: \(traces)")
    }

    @Test func `messages start with the tool's name`() throws {
        let place = try Workplace.finished()
        for wrong in Self.missing + Self.configuration {
            let done = try place.program(wrong.tool, wrong.arguments).run()
            #expect(done.complaints.first?.hasPrefix("\(wrong.tool): ") == true, "\(done)")
            #expect(done.complaints.last?.hasSuffix(".") == false, "no full stop: \(done)")
        }
    }

    @Test func `an error in a file names the file, the line, the key and the nearest key`() throws {
        let place = try Workplace()
        try place.configure("mel_bins = 80", "mel_bnis = 80")
        let done = try place.run("fetch")
        #expect(done.code == 78, "every tool checks the whole file: \(done)")
        let lines = try place.text("pipelines/small/pipeline.toml").split(
            separator: "\n", omittingEmptySubsequences: false)
        let number = try #require(lines.firstIndex { $0.contains("mel_bnis") }) + 1
        for word in ["pipelines/small/pipeline.toml", "\(number)", "mel_bnis", "mel_bins"] {
            #expect(done.err.contains(word), "the message does not name \(word): \(done)")
        }
    }

    @Test func `features that the model was not trained on are reported`() throws {
        let place = try Workplace.finished()
        try place.succeed("featurize", "--set", "featurize.mel_bins=40")
        let done = try place.run("infer", "--set", "featurize.mel_bins=40")
        #expect(done.code == 78, "\(done)")
        #expect(done.err.contains("trained on 80 mel bins"), "\(done)")
        #expect(done.err.contains("40"), "\(done)")
    }

    @Test func `an unreadable source is denied`() throws {
        try #require(getuid() == 0, "only root can play another user")
        let place = try Workplace()
        chmod(place[Workplace.source], 0o700)
        chmod(place.path, 0o777)
        try place.write("data/.keep", "")
        chmod(place["data"], 0o777)
        var program = place.program("fetch", ["small", Workplace.batch])
        program.user = 65534
        let done = try program.run()
        #expect(done.code == 77, "\(done)")
        #expect(done.err.contains(Workplace.source), "\(done)")
        #expect(place.current("fetch") == nil)
    }

    @Test(arguments: [false, true]) func `an unreadable recording costs itself, and the night only if all are`(
        _ isAll: Bool
    ) throws {
        try #require(getuid() == 0, "only root can play another user")
        let place = try Workplace()
        let recordings = try FileManager.default.subpathsOfDirectory(atPath: place[Workplace.source])
        for name in recordings where isAll && name.contains(".") || name == "device-01/rec-3.wav" {
            chmod(place["\(Workplace.source)/\(name)"], 0o600)
        }
        try place.write("data/.keep", "")
        chmod(place["data"], 0o777)
        var program = place.program("fetch", ["small", Workplace.batch])
        program.user = 65534
        let done = try program.run()
        #expect(done.code == (isAll ? 77 : 0), "\(done)")
        #expect(place.exists("\(place.stage("fetch"))/v1/batch.json") == !isAll)
        guard !isAll else { return }
        let rejects = try place.text("\(place.stage("fetch"))/v1/part-00000/rejects.jsonl")
        #expect(rejects.contains("device-01/rec-3.wav") && rejects.contains(#""reason": "forbidden""#), "\(rejects)")
    }

    @Test func `a database that is down is unavailable`() throws {
        let place = try Workplace.finished()
        let done = try place.run(
            "store", environment: ["NOCTURNE_DATABASE_URL": "postgresql://someone@127.0.0.1:1/none"])
        #expect(done.code == 69, "\(done)")
        #expect(done.err.contains("127.0.0.1"), "\(done)")
        #expect(place.link("\(place.stage("store"))/current") == "v1", "what was stored before stays current")
    }

    @Test func `a store that is down is unavailable, not an empty night`() throws {
        let place = try Workplace()
        let done = try place.run(
            "fetch", "--set", "fetch.source=s3://uploads/{batch}/", "--set", "fetch.endpoint=http://127.0.0.1:1",
            "--set", "fetch.attempts=2",
            environment: ["AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "something"])
        #expect(done.code == 69, "\(done)")
        #expect(done.err.contains("127.0.0.1"), "\(done)")
        #expect(place.current("fetch") == nil)
    }

    @Test func `a listening port that never answers is unavailable`() throws {
        let listener = try SilentListener()
        let place = try Workplace()
        let done = try place.run(
            "fetch", "--set", "fetch.source=http://127.0.0.1:\(listener.port)/index.jsonl", "--set", "fetch.attempts=1",
            "--set", "fetch.stall_timeout=1 s", "--set", "fetch.connect_timeout=1 s")
        #expect(done.code == 69, "\(done)")
        #expect(done.seconds < 60)
    }
}
