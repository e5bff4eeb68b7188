import BatchFormat
import Fault
import FeaturizeStage
import Foundation
import JSON
import PipelineConfig
import Signal
import StageRun
import Testing

@Suite struct FeaturizeTests {
    /// Ids that end in a number of samples, so that a clip's name states its length.
    static func clip(_ id: String, _ samples: Int) -> (id: String, samples: [Float]) {
        var state = UInt64(samples) | 1
        return (
            id,
            (0..<samples).map { index in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let noise = Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
                return 0.3 * Float(sin(Double(index) * 0.1)) + 0.05 * noise
            }
        )
    }

    let parts = [
        [clip("a/één.wav", 16000), clip("b.wav", 399), clip("c.wav", 400), clip("d.wav", 5001)],
        [clip("e.wav", 12345)],
    ]

    private func run(
        _ batch: CleanedBatch, _ config: StageConfig, jobs: Int = 2, force: Bool = false
    ) throws -> (outcome: StageOutcome, version: VersionReader) {
        let outcome = try StageRunner(batch.request(jobs: jobs, force: force), CleanedBatch.context(jobs: jobs)).run(
            Featurize(config))
        return (outcome, try VersionReader(outcome.path))
    }

    private func features(_ version: VersionReader, _ part: Int, _ id: String) throws -> (shape: [Int], values: [Float])
    {
        let file = try version.part(part).tensors("features.safetensors")
        let tensor = try #require(file.tensor(ItemID(id)))
        return (tensor.shape, Array(tensor.floats))
    }

    @Test(arguments: [
        ("kaldi-fbank", 80, 98), ("kaldi-mfcc", 13, 98), ("whisper-mel", 80, 100),
    ])
    func `features are those of the library`(kind: String, bins: Int, frames: Int) throws {
        let batch = try CleanedBatch(parts)
        let version = try run(batch, try CleanedBatch.config("kind = \"\(kind)\"", "normalize = \"none\"")).version
        let extractor: any FeatureExtractor =
            switch kind {
            case "kaldi-mfcc": try KaldiMFCC()
            case "whisper-mel": try WhisperLogMel()
            default: try KaldiFbank()
            }
        for (index, clips) in parts.enumerated() {
            for (id, samples) in clips where kind == "whisper-mel" || samples.count >= 400 {
                let made = try features(version, index, id)
                #expect(made.values == extractor.features(of: samples.span))
                #expect(made.shape == [made.values.count / bins, bins])
            }
        }
        let row = try #require(try version.part(0).items().first)
        let expected: JSON = ["frames": .int(Int64(frames)), "bins": .int(Int64(bins)), "sample_rate": 16000]
        #expect(row.object["featurize"] == expected)
        #expect(row.id.text == "a/één.wav")
    }

    @Test func `clips without a frame are rejected`() throws {
        let batch = try CleanedBatch(parts)
        let version = try run(batch, try CleanedBatch.config("max_reject_ratio = 0.5")).version
        #expect(try version.part(0).items().map(\.id.text) == ["a/één.wav", "c.wav", "d.wav"])
        let rejects = try version.part(0).rejects()
        #expect(
            rejects == [
                RejectRow(
                    id: ItemID("b.wav"), reason: "too_short",
                    message: "399 samples (0.0249 s) do not hold a single frame")
            ])
        #expect(version.seal.itemsIn == 5)
        #expect(version.seal.items == 4)
    }

    @Test func `features beyond single precision are rejected`() throws {
        var loud = Self.clip("loud.wav", 4000)
        loud.samples = loud.samples.map { $0 * 1e30 }
        let batch = try CleanedBatch([[loud]])
        let version = try run(batch, try CleanedBatch.config("max_reject_ratio = 1")).version
        #expect(try version.part(0).rejects().map(\.reason) == ["not_finite"])
    }

    @Test func `a waveform passes through`() throws {
        let batch = try CleanedBatch(parts)
        let version = try run(batch, try CleanedBatch.config("kind = \"waveform\"")).version
        let made = try features(version, 0, "b.wav")
        #expect(made.shape == [399])
        #expect(made.values == parts[0][1].samples)
        let row = try #require(try version.part(0).items().first { $0.id.text == "b.wav" })
        #expect(row.object["featurize"] == ["samples": 399, "sample_rate": 16000])
    }

    @Test func `items are normalised bin by bin`() throws {
        let batch = try CleanedBatch(parts)
        let version = try run(batch, try CleanedBatch.config()).version
        let values = try features(version, 1, "e.wav").values
        let frames = Double(values.count / 80)
        for bin in 0..<80 {
            let column = stride(from: bin, to: values.count, by: 80).map { Double(values[$0]) }
            let mean = column.reduce(0, +) / frames
            #expect(abs(mean) < 1e-5)
            #expect(abs((column.reduce(0) { $0 + $1 * $1 } / frames).squareRoot() - 1) < 1e-3)
        }
    }

    @Test(arguments: ["kaldi-fbank", "whisper-mel", "waveform"])
    func `workers do not change bytes`(kind: String) throws {
        let batch = try CleanedBatch(parts)
        let config = try CleanedBatch.config("kind = \"\(kind)\"", "normalize = \"item\"", "max_reject_ratio = 1")
        let one = try run(batch, config, jobs: 1).version
        let four = try run(batch, config, jobs: 4, force: true).version
        #expect(one.path != four.path)
        for index in parts.indices { #expect(try one.part(index).seal.files == four.part(index).seal.files) }
        #expect(one.seal.digest == four.seal.digest)
    }

    @Test func `when nothing changed there is nothing to do`() throws {
        let batch = try CleanedBatch(parts)
        let first = try run(batch, try CleanedBatch.config("max_reject_ratio = 1")).outcome
        let second = try run(batch, try CleanedBatch.config("max_reject_ratio = 1")).outcome
        #expect(first.path == second.path)
        #expect(second.made == 0)
        let other = try run(batch, try CleanedBatch.config("mel_bins = 40", "max_reject_ratio = 1")).outcome
        #expect(other.path != first.path)
        #expect(other.made == 2)
    }

    @Test func `Whisper asks for its sample rate`() throws {
        let batch = try CleanedBatch(parts, sampleRate: 8000)
        let fault = #expect(throws: Fault.self) {
            try run(batch, try CleanedBatch.config("kind = \"whisper-mel\""))
        }
        #expect(fault?.kind == .configuration)
        #expect(
            fault?.message
                == "the features 'whisper-mel' are defined at 16000 Hz, the input has 8000 Hz: set clean.sample_rate = 16000"
        )
    }

    @Test func `impossible filters are a configuration error`() throws {
        let batch = try CleanedBatch(parts)
        let fault = #expect(throws: Fault.self) { try run(batch, try CleanedBatch.config("high_freq = 9000")) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("9000.0 Hz") == true)
    }

    @Test func `another tool's version is refused`() throws {
        let batch = try CleanedBatch(parts, tool: "infer")
        let fault = #expect(throws: Fault.self) { try run(batch, try CleanedBatch.config()) }
        #expect(fault?.kind == .usage)
    }

    @Test func `a flipped byte in the audio is found`() throws {
        let batch = try CleanedBatch(parts)
        let file = batch.path("digits/2026-11-20/clean/v1/part-00001/audio.safetensors")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count - 100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        let fault = #expect(throws: Fault.self) {
            try run(batch, try CleanedBatch.config("max_reject_ratio = 1"))
        }
        #expect(fault?.kind == .damaged)
    }
}
