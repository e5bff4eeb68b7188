import BatchFormat
import FeaturizeStage
import Foundation
import StageRun
import TestKit
import TestTools
import Testing

/// Clips longer than a block, which are read several times instead of being kept in memory.
@Suite(.tags(.slow)) struct LongClipTests {
    private static func files(_ outcome: StageOutcome) throws -> [SealedFile] {
        try VersionReader(outcome.path).part(0).seal.files
    }

    @Test(arguments: ["kaldi-fbank", "kaldi-mfcc", "whisper-mel", "waveform"], ["none", "item", "global"])
    func `the size of a block does not change bytes`(kind: String, normalize: String) throws {
        let batch = try CleanedBatch([
            [FeaturizeTests.clip("long.wav", 40_000), FeaturizeTests.clip("short.wav", 700)]
        ])
        var lines = ["kind = \"\(kind)\"", "normalize = \"\(normalize)\""]
        if normalize == "global" {
            let file = batch.path("statistics.json")
            try Featurize.fitStatistics(
                CleanedBatch.config(lines[0]), request: batch.request(), context: CleanedBatch.context(), into: file)
            lines.append("statistics = \"\(file)\"")
        }
        let config = try CleanedBatch.config(lines.joined(separator: "\n"))
        func run(blockFloats: Int) throws -> [SealedFile] {
            try Self.files(
                StageRunner(batch.request(force: true), CleanedBatch.context()).run(
                    Featurize(config, blockFloats: blockFloats)))
        }
        let whole = try run(blockFloats: 1 << 20)
        #expect(whole.map(\.name) == ["features.safetensors", "items.jsonl"])
        for blockFloats in [1, 1000, 3217] { #expect(try run(blockFloats: blockFloats) == whole) }
    }

    @Test func `a feature beyond single precision is found in any block`() throws {
        var clip = FeaturizeTests.clip("late.wav", 40_000)
        clip.samples[30_100] = 1e30
        let batch = try CleanedBatch([[clip]])
        for blockFloats in [1 << 20, 1000] {
            let outcome = try StageRunner(batch.request(force: true), CleanedBatch.context()).run(
                Featurize(CleanedBatch.config("max_reject_ratio = 1"), blockFloats: blockFloats))
            let reject = try #require(try VersionReader(outcome.path).part(0).rejects().first)
            #expect(reject.reason == "not_finite")
            // The first frame that reaches the sample.
            #expect(reject.message == "frame 186 of its features is infinite or not a number")
        }
    }

    /// Two hours, at a sample rate that needs little disk space: 115 MB of samples and 115 MB of features, made by the
    /// tool with a data limit of 64 MiB (of which a thread's stack takes 8).
    @Test func `memory does not grow with a recording's length`() throws {
        let rate = 4000
        var state: UInt32 = 1
        let samples = (0..<2 * 3600 * rate).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / 4_294_967_296
        }
        let batch = try CleanedBatch([[("two-hours.wav", samples)]], sampleRate: rate)
        let settings = "mel_bins = 20\nframe_shift_ms = 5\n"
        let pipeline = batch.path("pipeline.toml")
        let toml = "format = 1\n[fetch]\nsource = \"in\"\n[clean]\nsample_rate = \(rate)\n[featurize]\n\(settings)"
        try toml.write(toFile: pipeline, atomically: true, encoding: .utf8)
        let command =
            "ulimit -d 65536; exec \(Binaries.path("featurize")) \(CleanedBatch.pipeline) \(CleanedBatch.batch) --jobs 2 "
            + "--root \(batch.root) --config \(pipeline)"
        let finished = try Program(["/bin/sh", "-c", command], environment: [:], folder: batch.root).run()
        #expect(finished.code == 0, "\(finished)")
        let version = try VersionReader("\(batch.root)/\(CleanedBatch.pipeline)/\(CleanedBatch.batch)/featurize/v1")
        let file = try version.part(0).tensors("features.safetensors")
        #expect(file.shape(ItemID("two-hours.wav")) == [1_439_996, 20])
    }
}
