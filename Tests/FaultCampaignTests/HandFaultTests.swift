import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// Manual changes in the batch folder: the next stage and `verify` detect what was removed or edited, and it can be
/// repaired.
@Suite(.tags(.slow)) struct HandFaultTests {
    /// An edit of a sealed version: the file, a text in it and its replacement. Every result is valid JSON.
    struct Edit: CustomTestStringConvertible, Sendable {
        let file: String
        let old: String
        let new: String
        var testDescription: String { "\(file): \(old) becomes \(new)" }
    }

    static let edits = [
        Edit(file: "batch.json", old: "\"items\": 8", new: "\"items\": 9"),
        Edit(file: "batch.json", old: "\"rejected\": 1", new: "\"rejected\": 0"),
        Edit(file: "batch.json", old: "\"part-00003\"", new: "\"part-00004\""),
        Edit(file: "batch.json", old: "\"format\": 1", new: "\"format\": 2"),
        Edit(file: "part-00000/part.json", old: "\"items\": 3", new: "\"items\": 2"),
        Edit(file: "part-00000/part.json", old: "audio.safetensors", new: "../../v2/audio.safetensors"),
        Edit(file: "run.json", old: "\"sample_rate\": 16000", new: "\"sample_rate\": 8000"),
        Edit(file: "run.json", old: "\"stage\": \"clean\"", new: "\"stage\": \"fetch\""),
    ]

    @Test(arguments: edits) func `an edited manifest is damage`(_ edit: Edit) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage("featurize"))
        let file = "\(place.stage("clean"))/v1/\(edit.file)"
        let text = try place.text(file)
        try #require(text.contains(edit.old), "\(text)")
        try place.write(file, text.replacingOccurrences(of: edit.old, with: edit.new))
        let verified = try place.program("batches", ["verify", "small"]).run()
        #expect(verified.code == 65 && (verified.err + verified.out).contains(file), "\(verified)")
        let next = try place.run("featurize")
        if edit.file == "run.json" {
            // No later stage reads anything that depends on it: only verify notices.
            #expect(next.code == 0, "\(next)")
        } else {
            #expect(next.code == 65 && next.err.contains(file), "\(next)")
            #expect(place.current("featurize") == nil)
        }
        // As in operations.md: run the stage again, then the later ones.
        #expect(try place.succeed("clean", "--force") == "\(place.stage("clean"))/v2")
        try place.succeed("featurize")
    }

    @Test(arguments: ["fetch", "clean", "featurize", "infer"])
    func `a removed part is found and made again`(_ tool: String) throws {
        let place = try Workplace.finished()
        let next = try #require(Binaries.chain.drop { $0 != tool }.dropFirst().first)
        try place.remove(place.stage(next))
        if next == "store" { try place.remove("data/nocturne.db") }
        let part = "\(place.stage(tool))/v1/part-00001"
        try place.remove(part)
        let verified = try place.program("batches", ["verify", "small"]).run()
        #expect(verified.code == 65 && (verified.err + verified.out).contains("part-00001"), "\(verified)")
        let read = try place.run(next)
        #expect(read.code == 65 && read.err.contains(part), "\(read)")
        #expect(place.current(next) == nil)
        #expect(try place.succeed(tool, "--force") == "\(place.stage(tool))/v2")
        try place.succeed(next)
    }
}
