import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// `--why`, `--dry-run`, `--force`, `--set`, `--input`, `--parts` and `--shard`: an operator's trials.
@Suite(.tags(.slow)) struct TrialTests {
    @Test(arguments: Binaries.chain) func `a dry run changes nothing`(_ tool: String) throws {
        let place = try Workplace.finished()
        let before = try Tree(place["data"])
        let done = try place.run(tool, "--dry-run", "--force")
        #expect(done.code == 0, "\(done)")
        #expect(done.lines.count == 1, "\(done)")
        #expect(try Tree(place["data"]).differences(from: before).isEmpty)
    }

    @Test(arguments: Binaries.chain) func `a dry run of a first run changes nothing`(_ tool: String) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage(tool))
        if tool == "store" { try place.remove("data/nocturne.db") }
        let before = try Tree(place.path)
        let done = try place.run(tool, "--dry-run")
        #expect(done.code == 0, "\(done)")
        #expect(done.out == "\(place.stage(tool))/v1\n", "the version that would be made: \(done)")
        #expect(try Tree(place.path).differences(from: before).isEmpty)
    }

    @Test func `why names the configuration key and both values`() throws {
        let place = try Workplace.finished()
        let done = try place.run("clean", "--why", "--dry-run", "--set", "clean.sample_rate=8000")
        #expect(done.code == 0, "\(done)")
        for word in ["sample_rate", "8000", "16000", "v1"] { #expect(done.err.contains(word), "\(done)") }
        #expect(done.out == "\(place.stage("clean"))/v2\n")
    }

    @Test(arguments: Binaries.chain) func `why says that nothing changed`(_ tool: String) throws {
        let done = try Workplace.finished().run(tool, "--why")
        #expect(done.code == 0)
        #expect(done.err.contains("nothing changed"), "\(done)")
    }

    @Test func `why names the input that changed`() throws {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        let fetched = try place.run("fetch", "--why")
        #expect(fetched.code == 0)
        #expect(fetched.err.contains("1 of 5 parts"), "\(fetched)")
        let cleaned = try place.run("clean", "--why")
        #expect(cleaned.err.contains("fetch v2"), "\(cleaned)")
        #expect(cleaned.err.contains("1 of 5 parts"), "\(cleaned)")
    }

    @Test(arguments: ["fetch", "clean", "featurize", "infer"]) func `force makes a new version of the same bytes`(
        _ tool: String
    ) throws {
        let place = try Workplace.finished()
        #expect(try place.succeed(tool, "--force") == "\(place.stage(tool))/v2")
        #expect(place.current(tool) == "v2")
        let (one, two) = (try Tree(place["\(place.stage(tool))/v1"]), try Tree(place["\(place.stage(tool))/v2"]))
        #expect(one.differences(from: two).isEmpty)
        let inodes = try [1, 2].map { try place.inode("\(place.stage(tool))/v\($0)/part-00000/items.jsonl") }
        #expect(inodes[0] != inodes[1], "made again, not linked")
    }

    @Test func `an override makes another version and going back finds the first`() throws {
        let place = try Workplace.finished()
        #expect(try place.succeed("clean", "--set", "clean.sample_rate=8000") == "\(place.stage("clean"))/v2")
        let manifest = try JSON(parsing: place.read("\(place.stage("clean"))/v2/run.json"))
        #expect(manifest["effective_config"]?["sample_rate"]?.int == 8000)
        #expect(try place.succeed("clean") == "\(place.stage("clean"))/v1", "the same version, not a third")
        #expect(place.current("clean") == "v1")
    }

    @Test func `limits and gates are not part of a version's identity`() throws {
        let place = try Workplace.finished()
        let version = try place.succeed("fetch", "--set", "fetch.transfers=2", "--set", "fetch.min_items=3")
        #expect(version == "\(place.stage("fetch"))/v1")
    }

    @Test func `input takes any version and leaves current alone`() throws {
        let place = try Workplace.finished()
        try place.succeed("clean", "--set", "clean.sample_rate=8000")
        try place.succeed("clean")
        let trial = try place.run(
            "featurize", "--input", "\(place.stage("clean"))/v2", "--set", "featurize.normalize=none")
        #expect(trial.code == 0, "\(trial)")
        #expect(trial.out == "\(place.stage("featurize"))/v2\n")
        #expect(place.current("featurize") == "v1")
        let manifest = try JSON(parsing: place.read("\(place.stage("featurize"))/v2/run.json"))
        #expect(manifest["inputs"]?.array?.first?["version"]?.string == "v2")
    }

    @Test func `input of another tool is refused before anything is written`() throws {
        let place = try Workplace.finished()
        let before = try Tree(place["data"])
        let done = try place.run("clean", "--input", "\(place.stage("clean"))/v1")
        #expect([64, 78].contains(done.code), "nothing is damaged; the call is wrong: \(done)")
        #expect(done.err.contains("clean") && done.err.contains("fetch"), "\(done)")
        #expect(try Tree(place["data"]).differences(from: before).isEmpty)
    }

    @Test(arguments: ["clean", "featurize", "infer"]) func `parts made one by one are the parts of a plain run`(
        _ tool: String
    ) throws {
        let place = try Workplace.finished()
        let whole = try Tree(place[place.stage(tool)])
        try place.remove(place.stage(tool))
        for selection in ["2", "0,3"] {
            let done = try place.run(tool, "--parts", selection)
            #expect(done.code == 0, "\(done)")
            #expect(done.out == "\(place.stage(tool))/v1\n")
            #expect(!place.exists("\(place.stage(tool))/v1/batch.json"))
        }
        let made = try place.modified("\(place.stage(tool))/v1/part-00003/items.jsonl")
        try place.succeed(tool)
        #expect(try place.modified("\(place.stage(tool))/v1/part-00003/items.jsonl") == made, "taken as it was")
        #expect(try Tree(place[place.stage(tool)]).differences(from: whole).isEmpty)
    }

    @Test(arguments: ["clean", "infer"]) func `shards side by side seal the version and a plain run accepts it`(
        _ tool: String
    ) throws {
        let place = try Workplace.finished()
        let whole = try Tree(place[place.stage(tool)])
        try place.remove(place.stage(tool))
        let shards = try (1...3).map { shard in
            try place.program(tool, ["small", Workplace.batch, "--shard", "\(shard)/3"]).start()
        }
        for shard in shards {
            let done = try shard.finish()
            #expect(done.code == 0, "\(done)")
            #expect(done.out == "\(place.stage(tool))/v1\n")
        }
        #expect(
            place.exists("\(place.stage(tool))/v1/batch.json"), "the run that finds all parts sealed seals the version")
        #expect(place.current(tool) == nil, "shards leave current alone")
        try place.succeed(tool)
        #expect(place.current(tool) == "v1")
        #expect(try Tree(place[place.stage(tool)]).differences(from: whole).isEmpty)
    }
}
