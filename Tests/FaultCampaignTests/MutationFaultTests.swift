import Foundation
import JSON
import ParserTargets
import TestKit
import TestTools
import Testing

/// Damaged bytes where recordings are expected, and where our own parsers read.
@Suite(.tags(.slow)) struct MutationFaultTests {
    static let seeds = [
        "pcm8.wav", "pcm24.wav", "float32.wav", "mulaw.wav", "extensible.wav", "long.rf64", "flac16.flac",
        "flac24.flac",
        "vorbis.ogg", "opus.ogg", "mp3.mp3", "mp3-low.mp3",
    ]

    /// Through the built tools: nothing crashes or hangs, and every recording is settled, twice in the same way.
    @Test func `damaged recordings get the same verdict twice`() throws {
        let place = try Workplace()
        try place.remove(Workplace.source)
        let count = Campaign.count(500, whole: 10_000)
        var mutator = Mutator(seed: 20_261_120)
        let originals = try Self.seeds.map { ($0, try Checkout.read("Tests/Fixtures/audio/\($0)")) }
        for index in 0..<count {
            let (name, original) = originals[index % originals.count]
            try place.write("\(Workplace.source)/\(index)-\(name)", mutator.damaged(original))
        }
        try place.configure("include = [\"*.wav\"]\npart_items = 3", "part_items = 25")
        try place.configure("[clean]\nmax_reject_ratio = 0.5", "[clean]\nmax_reject_ratio = 1.0")
        try place.succeed("fetch")
        #expect(try place.succeed("clean", "--jobs", "2") == "\(place.stage("clean"))/v1")
        #expect(try place.succeed("clean", "--jobs", "3", "--force") == "\(place.stage("clean"))/v2")
        let (first, second) = (
            try Tree(place["\(place.stage("clean"))/v1"]), try Tree(place["\(place.stage("clean"))/v2"])
        )
        #expect(second.differences(from: first).isEmpty)
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
        for version in ["v1", "v2"] { try checkTrouble("\(place.stage("clean"))/\(version)", in: place) }

        let (kept, rejected) = (try place.ids("clean/v1").count, try place.rejects("clean/v1"))
        #expect(try kept + rejected.count == place.ids("fetch/v1").count)
        // The damage is only useful if it gives both results, for many reasons.
        #expect(kept > count / 50)
        let reasons = Set(rejected.compactMap { $0["reason"]?.string })
        #expect(reasons.isSuperset(of: ["truncated", "undecodable", "unsupported"]))
    }

    /// No decoder died or was abandoned, and none was slow: a part of 25 recordings takes less than the 5 s allowed for
    /// one of them. (In the quick form other tests keep the disk busy, and parts wait for it.)
    private func checkTrouble(_ version: String, in place: Workplace) throws {
        let events = try place.text("\(version)/events.jsonl").split(separator: "\n").map { try JSON(parsing: "\($0)") }
        let troubles = events.filter { $0["event"]?.string?.hasPrefix("decoder_") == true }
        #expect(troubles.isEmpty, "\(troubles.map { $0.text(.canonical) })")
        let parts = try FileManager.default.contentsOfDirectory(atPath: place[version])
        for part in parts where part.hasPrefix("part-") {
            let seconds = try JSON(parsing: place.read("\(version)/\(part)/part.json"))["run"]?["seconds"]?.double
            #expect(try #require(seconds) < (Campaign.isWhole ? 5 : 30), "\(part) took \(seconds ?? 0) s")
        }
    }

    /// What libFuzzer does for minutes in `make faults`, briefly: the parsers accept their input or refuse it.
    @Test(arguments: ParserTarget.allCases) func `parsers accept or refuse whatever comes`(_ target: ParserTarget)
        throws
    {
        let corpus =
            target == .audio
            ? Self.seeds.map { "Tests/Fixtures/audio/\($0)" }
            : try FileManager.default.contentsOfDirectory(atPath: Checkout.path("Tests/Fuzz/corpus/\(target)"))
                .sorted().map { "Tests/Fuzz/corpus/\(target)/\($0)" }
        var mutator = Mutator(seed: 20_261_121)
        var (taken, refused) = (0, 0)
        for seed in try corpus.map(Checkout.read) {
            _ = try target.take(seed)
            for _ in 0..<Campaign.count(400, whole: 20_000) {
                if try target.take(mutator.damaged(seed)) { taken += 1 } else { refused += 1 }
            }
        }
        #expect(taken > 0 && refused > 0, "\(taken) taken, \(refused) refused")
    }
}
