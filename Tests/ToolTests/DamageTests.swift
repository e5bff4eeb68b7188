import Foundation
import TestKit
import TestTools
import Testing

/// Damage on disk is detected before it is used (65), and `batches verify` finds it everywhere.
@Suite struct DamageTests {
    /// An input file of a stage, in the version that it reads.
    struct Input: CustomTestStringConvertible, Sendable {
        let tool: String
        let file: String
        var testDescription: String { "\(tool) reads \(file)" }
    }

    static let inputs = [
        Input(tool: "clean", file: "fetch/v1/part-00001/items.jsonl"),
        Input(tool: "clean", file: "fetch/v1/part-00001/objects/*"),
        Input(tool: "clean", file: "fetch/v1/part-00001/part.json"),
        Input(tool: "clean", file: "fetch/v1/batch.json"),
        Input(tool: "featurize", file: "clean/v1/part-00000/items.jsonl"),
        Input(tool: "featurize", file: "clean/v1/part-00000/audio.safetensors"),
        Input(tool: "infer", file: "featurize/v1/part-00002/features.safetensors"),
        Input(tool: "infer", file: "featurize/v1/part-00002/items.jsonl"),
        Input(tool: "store", file: "infer/v1/part-00000/items.jsonl"),
        Input(tool: "store", file: "infer/v1/part-00000/part.json"),
        Input(tool: "store", file: "clean/v1/part-00003/rejects.jsonl"),
    ]

    @Test(arguments: inputs) func `a damaged input is not used`(_ input: Input) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage(input.tool))
        if input.tool == "store" { try place.remove("data/nocturne.db") }
        let file = try place.first("data/small/\(Workplace.batch)/\(input.file)")
        try place.flip(file, at: try place.read(file).count / 2, mask: 0x01)
        let done = try place.run(input.tool)
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains(file), "the message names the file: \(done)")
        #expect(place.current(input.tool) == nil)
    }

    @Test(arguments: inputs) func `a lost input is damage, too`(_ input: Input) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage(input.tool))
        if input.tool == "store" { try place.remove("data/nocturne.db") }
        let file = try place.first("data/small/\(Workplace.batch)/\(input.file)")
        try place.remove(file)
        let done = try place.run(input.tool)
        // A version without a seal is an unfinished version.
        #expect(done.code == (file.hasSuffix("batch.json") ? 66 : 65), "\(done)")
        #expect(done.err.contains(file.hasSuffix("batch.json") ? "fetch/v1" : file), "\(done)")
    }

    @Test func `a model whose digest differs is not loaded`() throws {
        let place = try Workplace.finished()
        try place.ownModels()
        try place.remove(place.stage("infer"))
        try place.flip("pipelines/models/digits/1/model.pt", at: 5000)
        let done = try place.run("infer")
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains("digits/1/model.pt"), "\(done)")
        #expect(place.current("infer") == nil)
    }

    @Test func `a model that does not give its known answer is not used`() throws {
        let place = try Workplace.finished()
        try place.ownModels()
        try place.remove(place.stage("infer"))
        let size = try place.read("pipelines/models/digits/1/check.safetensors").count
        try place.flip("pipelines/models/digits/1/check.safetensors", at: size - 2)
        let done = try place.run("infer")
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains("digits@1") && done.err.contains("known answer"), "\(done)")
        #expect(place.current("infer") == nil)
    }

    @Test func `a configuration that does not parse names its line`() throws {
        let place = try Workplace()
        try place.configure("part_items = 3", "part_items = = 3")
        let done = try place.run("fetch")
        #expect(done.code == 65 || done.code == 78, "\(done)")
        #expect(done.err.contains("pipeline.toml:7") || done.err.contains("line 7"), "\(done)")
    }

    @Test func `a metadata file that does not parse names its line`() throws {
        let place = try Workplace()
        try place.write("known.csv", "key,site,gain_db\na,b,1\n\"unclosed,b,1\n")
        let done = try place.run("fetch")
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains("known.csv") && done.err.contains("3"), "\(done)")
    }

    @Test func `a forced run repairs what is damaged`() throws {
        let place = try Workplace.finished()
        let file = "\(place.stage("clean"))/v1/part-00000/items.jsonl"
        try place.flip(file, at: 10)
        #expect(try place.succeed("clean", "--force") == "\(place.stage("clean"))/v2")
        try place.succeed("featurize")
    }

    @Test func `damage does not spread by hard links`() throws {
        let place = try Workplace.finished()
        let file = "\(place.stage("clean"))/v1/part-00000/audio.safetensors"
        try place.flip(file, at: try place.read(file).count - 3)
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        try place.succeed("fetch")
        try place.succeed("clean")
        let done = try place.program("batches", ["verify", "small", Workplace.batch, "clean", "v2"]).run()
        #expect(done.code == 0, "the part was made again: \(done)")
    }
}

extension Workplace {
    /// The first file matching a path whose last component may be `*`.
    func first(_ pattern: String) throws -> String {
        guard pattern.hasSuffix("/*") else { return pattern }
        let folder = String(pattern.dropLast(2))
        let names = try FileManager.default.contentsOfDirectory(atPath: self[folder]).sorted()
        guard let name = names.first else { throw HarnessError("nothing in \(folder)") }
        return "\(folder)/\(name)"
    }

    /// Replaces the link to the checkout's models with a copy, to be damaged.
    func ownModels() throws {
        try remove("pipelines/models")
        let done = try Program(
            ["/bin/cp", "-a", Checkout.path("pipelines/models/."), self["pipelines/models"]],
            environment: environment, folder: "/"
        ).run()
        guard done.code == 0 else { throw HarnessError("\(done)") }
    }
}
