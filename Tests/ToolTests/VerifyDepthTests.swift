import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// What `batches verify --quick` and `--deep` detect.
@Suite struct VerifyDepthTests {
    private func verify(_ place: Workplace, _ arguments: String...) throws -> Finished {
        try place.program("batches", ["verify", "small", Workplace.batch] + arguments).run()
    }

    @Test(arguments: ["--quick", "--deep"]) func `a sound batch verifies`(_ depth: String) throws {
        let done = try verify(Workplace.finished(), depth)
        #expect(done.code == 0 && done.out.contains("5 versions"), "\(done)")
    }

    @Test func `quick and deep exclude each other`() throws {
        #expect(try verify(Workplace.finished(), "--quick", "--deep").code == 64)
    }

    @Test(arguments: ["--quick", "--deep"]) func `a cut file is found by its size`(_ depth: String) throws {
        let place = try Workplace.finished()
        let file = "\(place.stage("clean"))/v1/part-00000/audio.safetensors"
        try place.write(file, place.read(file).dropLast())
        let done = try verify(place, depth)
        #expect(done.code == 65 && done.err.contains(file), "\(done)")
    }

    @Test func `quick reads no data and deep does`() throws {
        let place = try Workplace.finished()
        let file = "\(place.stage("clean"))/v1/part-00000/audio.safetensors"
        try place.flip(file, at: place.read(file).count - 3)
        #expect(try verify(place, "--quick").code == 0, "a flipped byte has the sealed size")
        #expect(try verify(place, "--deep").code == 65)
    }

    @Test func `every seal is checked quickly`() throws {
        let place = try Workplace.finished()
        for file in try place.sealedFiles() where file.hasSuffix(".json") && !file.hasSuffix("receipt.json") {
            let bytes = try place.read(file)
            try place.flip(file, at: bytes.count / 3, mask: 1)
            let done = try verify(place, "--quick")
            #expect(done.code == 65 && done.err.contains(file), "\(file): \(done)")
            try place.write(file, bytes)
        }
    }

    @Test(arguments: [[], ["--quick"], ["--deep"]]) func `an exchanged input is found`(_ depth: [String]) throws {
        let place = try Workplace.finished()
        // Each version is intact by itself, but the current clean v1 is not the one that featurize v1 has read.
        try place.succeed("clean", "--set", "clean.sample_rate=8000")
        for (old, new) in [("v1", "aside"), ("v2", "v1"), ("aside", "v2")] {
            try FileManager.default.moveItem(
                atPath: place["\(place.stage("clean"))/\(old)"], toPath: place["\(place.stage("clean"))/\(new)"])
        }
        let done = try place.program("batches", ["verify", "small", Workplace.batch] + depth).run()
        #expect(done.code == 65 && done.err.contains("featurize/v1"), "\(done)")
        #expect(done.err.contains("was made from a different"), "\(done)")
    }

    @Test(arguments: ["--quick", "--deep"]) func `a deleted input is not damage`(_ depth: String) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage("fetch"))
        let done = try verify(place, depth)
        #expect(done.code == 0 && done.out.contains("4 versions"), "\(done)")
    }
}
