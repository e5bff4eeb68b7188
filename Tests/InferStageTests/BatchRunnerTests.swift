import BatchFormat
import Fault
import InferStage
import JSON
import StageRun
import TestKit
import TestModels
import Testing

@Suite struct BatchRunnerTests {
    private let clips = [31, 40, 8, 17, 23, 40, 5, 12].enumerated().map {
        Clip.random("\($0)", frames: $1, seed: $0)
    }

    /// Runs the clips alone, unpadded, and in batches of every size, and returns the largest difference of a score.
    private func largestDifference(_ loaded: Loaded) throws -> Double {
        let alone = try clips.map { try loaded.run([$0], length: $0.shape[0])[0].score }
        var largest = 0.0
        for size in 1...clips.count {
            for start in stride(from: 0, to: clips.count, by: size) {
                let batch = Array(clips[start..<min(start + size, clips.count)])
                for length in [40, 64] {
                    let scores = try loaded.run(batch, length: length).map(\.score)
                    for (offset, score) in scores.enumerated() {
                        let expected = try #require(alone[start + offset])
                        largest = max(largest, abs(try #require(score) - expected))
                    }
                }
            }
        }
        return largest
    }

    @Test func `any split equals batches of one`() throws {
        // The contract allows 1e-5; a written score has six digits, so 1e-6 is a rounded last digit.
        #expect(try largestDifference(Loaded("masked")) <= 1e-6)
    }

    @Test(.tags(.slow)) func `any split equals batches of one for compiled packages`() throws {
        #expect(try largestDifference(Loaded("compiled", in: ModelFixtures.compiledFolder.get())) <= 1e-6)
    }

    @Test func `any split equals batches of one in bfloat16`() throws {
        // 8 bits of significand: sums in another order differ by about 2^-8 of the score.
        #expect(try largestDifference(Loaded("compiled-bfloat16", in: ModelFixtures.compiledFolder.get())) <= 4e-3)
    }

    @Test(.tags(.slow)) func `compiled packages give the scores of TorchScript`() throws {
        let script = try Loaded("masked").run(clips, length: 64).map(\.score)
        let compiled = try Loaded("compiled", in: ModelFixtures.compiledFolder.get()).run(clips, length: 64).map(
            \.score)
        #expect(script.count == compiled.count)
        for (a, b) in zip(script, compiled) { #expect(abs((a ?? 0) - (b ?? 1)) <= 1e-5) }
    }

    @Test(arguments: 0..<8)
    func `one bad item is found, and the others go on`(bad: Int) throws {
        let loaded = try Loaded("faulty")
        let expected = try loaded.run(clips, length: 64).map(\.score)
        var spoiled = clips
        spoiled[bad] = .frames("bad", [Float](repeating: 9999, count: clips[bad].values.count))
        let results = try loaded.run(spoiled, length: 64)
        #expect(results.count == clips.count)
        for (place, result) in results.enumerated() where place != bad {
            #expect(abs((result.score ?? 0) - (expected[place] ?? 1)) <= 1e-6)
        }
        #expect(results[bad].failure?.contains("a recording that this model cannot take") == true)
    }

    @Test func `an item that gives NaN fails alone`() throws {
        let loaded = try Loaded("faulty")
        var spoiled = clips
        spoiled[2] = .frames("bad", [Float](repeating: -9999, count: clips[2].values.count))
        let results = try loaded.run(spoiled, length: 64)
        #expect(results[2].failure == "the model's output is not a number")
        #expect(results.count { $0.score != nil } == clips.count - 1)
    }

    @Test func `a shortage of memory halves the batch`() throws {
        let loaded = try Loaded("hungry")
        let short = (0..<7).map { Clip.random("\($0)", frames: 10, seed: $0) }
        let results = try loaded.run(short, length: 10)
        #expect(results.allSatisfy { $0.score != nil })
        let halvings = loaded.log.events("batch_halved")
        #expect(halvings.first?.figures["items"] == 7)
        #expect(halvings.first?.level == .warning)
        // For the part's seal it is one cut batch, however often it was halved.
        let cuts = loaded.memory.takeCuts()
        let smallest = halvings.compactMap { $0.figures["items"]?.int }.min().map { ($0 + 1) / 2 }
        #expect(cuts.count == 1 && cuts.largest?.items == 7 && cuts.largest?.most == smallest)
        #expect(loaded.memory.takeCuts() == MemoryCuts())
        // A size that did not fit once is not tried again.
        let before = halvings.count
        _ = try loaded.run(short, length: 10)
        #expect(loaded.log.events("batch_halved").count == before)
    }

    @Test func `an item that does not fit alone is the only one lost`() throws {
        let loaded = try Loaded("hungry")
        let clips = [Clip.random("long", frames: 50), .random("a", frames: 10), .random("b", frames: 10)]
        let results = try loaded.run(clips, length: 50)
        #expect(results[0].failure?.contains("not enough memory for this item alone, padded to 50") == true)
        #expect(results[1].score != nil && results[2].score != nil)
    }
}
