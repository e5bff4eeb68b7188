import CleanStage
import Fault
import Foundation
import JSON
import PipelineConfig
import Resampling
import TestKit
import Testing

/// One recording, in this process.
struct AudioCleanerTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func verdict(_ bytes: [UInt8], _ change: (inout DecodeOptions) -> Void = { _ in }) throws -> DecodeVerdict {
        var options = DecodeOptions(CleanConfig())
        change(&options)
        var cleaner = AudioCleaner(options)
        return try cleaner.verdict(for: scratch.write("recording", bytes))
    }

    private func passed(
        _ bytes: [UInt8], _ change: (inout DecodeOptions) -> Void = { _ in }
    ) throws -> (figures: JSONObject, samples: [Float]) {
        switch try verdict(bytes, change) {
        case .passed(let figures, let samples): return (figures, samples)
        case .rejected(let reason, let message): throw Unexpected(text: "\(reason): \(message)")
        case .cut(let pieces): throw Unexpected(text: "\(pieces.count) pieces")
        }
    }

    struct Unexpected: Error { let text: String }

    @Test func `a sine has the figures of a sine`() throws {
        let (figures, samples) = try passed(Recordings.tones([(0.5, 440), (0.5, 440)], seconds: 2))
        #expect(samples.count == 32_000)
        #expect(
            figures.members.map(\.name) == [
                "seconds", "source_rate", "source_channels", "source_encoding", "peak_dbfs", "rms_dbfs",
                "silence_ratio", "clipping_ratio", "dc_offset", "snr_db", "bandwidth_hz", "channel_correlation",
                "mix_loss_db",
            ])
        // Two channels that are the same add up to twice what strangers would.
        #expect(figures["channel_correlation"] == 1.0)
        #expect(figures["mix_loss_db"] == .double(-3.0))
        #expect(figures["seconds"] == 2.0)
        #expect(figures["source_rate"] == 16_000)
        #expect(figures["source_channels"] == 2)
        #expect(figures["source_encoding"] == "pcm_f32")
        #expect(figures["peak_dbfs"] == .double(-6.0))
        #expect(figures["rms_dbfs"] == .double(-9.0))
        #expect(figures["silence_ratio"] == 0.0)
        #expect(figures["clipping_ratio"] == 0.0)
        #expect(figures["dc_offset"] == 0.0)
    }

    @Test(arguments: [(-60.0, 0.5), (-80.0, 0.25)]) func `the share of silence depends on the configured level`(
        _ level: Double, _ share: Double
    ) throws {
        let second = (0..<16_000).map { Float(sin(Double($0) * 2 * .pi * 440 / 16_000)) }
        // A sine of −67 dBFS, one of −9, nothing, and one of −9.
        let levels: [Float] = [0.000_6, 0.5, 0, 0.5]
        let figures = try passed(Recordings.wave(levels.flatMap { level in second.map { $0 * level } }, rate: 16_000)) {
            $0.silenceDBFS = level
        }.figures
        #expect(figures["silence_ratio"]?.double == share)
    }

    @Test func `a mix is the mean, and a channel is itself`() throws {
        let stereo = Recordings.tones([(0.5, 440), (0.25, 1000)])
        let left = try passed(stereo) { $0.channels = .one(0) }.samples
        let right = try passed(stereo) { $0.channels = .one(1) }.samples
        let mix = try passed(stereo).samples
        #expect(left == (try passed(Recordings.tones([(0.5, 440)])).samples))
        #expect(right == (try passed(Recordings.tones([(0.25, 1000)])).samples))
        let worst = zip(mix, zip(left, right)).map { abs($0 - ($1.0 + $1.1) / 2) }.max() ?? 1
        #expect(worst < 1e-7)
    }

    @Test(arguments: [(-1.0, 200.0, -1.0), (-0.9, 22.6, -1.0), (-0.5, 7.0, -1.0)])
    func `channels that cancel are not mixed`(_ level: Double, _ loss: Double, _ correlation: Double) throws {
        let (figures, samples) = try passed(Recordings.tones([(0.4, 440), (0.4 * level, 440)]))
        #expect(samples == (try passed(Recordings.tones([(0.4, 440)])).samples))
        #expect(figures["channel"] == 0)
        #expect(figures["channel_reason"] == "cancelled")
        #expect(figures["mix_loss_db"] == .double(loss))
        #expect(figures["channel_correlation"] == .double(correlation))
        // A channel that is asked for is taken, whatever the others do.
        let asked = try passed(Recordings.tones([(0.4, 440), (0.4 * level, 440)])) { $0.channels = .one(1) }
        #expect(asked.samples == (try passed(Recordings.tones([(0.4 * level, 440)])).samples))
        #expect(asked.figures["mix_loss_db"] == nil)
    }

    @Test func `the louder of two channels that cancel is taken`() throws {
        let (figures, samples) = try passed(Recordings.tones([(-0.3, 440), (0.4, 440)], rate: 44_100))
        #expect(figures["channel"] == 1)
        #expect(samples == (try passed(Recordings.tones([(0.4, 440)], rate: 44_100)).samples))
    }

    @Test func `channels that cancel a little, or are dead, are mixed`() throws {
        for other in [-0.2, 0, 0.3] {
            let (figures, samples) = try passed(Recordings.tones([(0.4, 440), (0.4 * other, 440)]))
            #expect(figures["channel"] == nil && figures["mix_loss_db"] != nil)
            let peak = samples.map(\.magnitude).max() ?? 0
            #expect(abs(peak - Float(0.2 * (1 + other))) < 1e-3)
        }
    }

    @Test func `a dead channel does not make a faint recording silent`() throws {
        // −57 dBFS in one of eight channels, −75 in their mean.
        let channels = (0..<8).map { ($0 == 5 ? 0.002 : 0, 440.0) }
        let (figures, samples) = try passed(Recordings.tones(channels))
        #expect(figures["channel"] == 5)
        #expect(figures["channel_reason"] == "faint")
        #expect(figures["channel_correlation"] == nil)
        #expect(samples == (try passed(Recordings.tones([(0.002, 440)])).samples))
        // No sound in any: silent as before.
        #expect(try verdict(Recordings.tones([(0, 440), (0, 440)])).reason == "silent")
    }

    @Test func `a truncated recording is kept if that is asked for`() throws {
        let samples = (0..<96_320).map { 0.1 * Float(sin(Double($0))) }
        let bytes = Recordings.wave(samples, promised: 160_000)
        let (figures, kept) = try passed(bytes) { $0.keepsTruncated = true }
        #expect(kept == samples)
        #expect(figures["truncated"] == "the header promises 10.00 s, the file holds 6.02 s")
        #expect(try passed(Recordings.wave(samples)) { $0.keepsTruncated = true }.figures["truncated"] == nil)
    }

    @Test func `a recording whose end is open is marked`() throws {
        var bytes = Recordings.tones([(0.5, 440)])
        for index in 40..<44 { bytes[index] = 0xFF }
        #expect(try passed(bytes).figures["open_ended"] == true)
    }

    @Test func `a missing channel is unsupported`() throws {
        let verdict = try verdict(Recordings.tones([(0.5, 440)])) { $0.channels = .one(1) }
        #expect(
            verdict
                == .rejected(
                    reason: "unsupported", message: "channel 1 is asked for, the recording has 1 (counted from 0)"))
    }

    @Test(arguments: ResamplingMode.allCases, [8_000, 11_025, 44_100, 48_000])
    func `the length is exact`(_ mode: ResamplingMode, _ rate: Int) throws {
        let (figures, samples) = try passed(Recordings.tones([(0.5, 440)], rate: rate, seconds: 0.73)) {
            $0.resampler = mode
        }
        let frames = Int(0.73 * Double(rate))
        #expect(samples.count == Int((Double(frames) * 16_000 / Double(rate)).rounded()))
        #expect(figures["source_rate"] == .int(Int64(rate)))
    }

    @Test func `lengths are bounded`() throws {
        #expect(
            try verdict(Recordings.tones([(0.5, 440)], seconds: 0.05))
                == .rejected(
                    reason: "too_short", message: "the recording lasts 0.050 s, at least 0.1 s are asked for"))
        #expect(
            try verdict(Recordings.tones([(0.5, 440)], seconds: 2)) { $0.maxSeconds = 1.5 }
                == .rejected(reason: "too_long", message: "the recording lasts longer than 1.5 s"))
        // Exactly as long as allowed passes, at both ends.
        #expect(try passed(Recordings.tones([(0.5, 440)], seconds: 0.5)) { $0.maxSeconds = 0.5 }.samples.count == 8000)
        #expect(try passed(Recordings.tones([(0.5, 440)], seconds: 0.5)) { $0.minSeconds = 0.5 }.samples.count == 8000)
    }

    @Test func `an empty recording is too short even without a limit`() throws {
        let verdict = try verdict(Recordings.wave([])) { $0.minSeconds = 0 }
        #expect(
            verdict
                == .rejected(
                    reason: "too_short", message: "the recording lasts 0.000 s, at least 0.0 s are asked for"))
    }

    @Test func `too long is read from the header`() throws {
        // The first sample would end the decoding as not_finite, but it is never reached.
        var samples = [Float](repeating: 0.1, count: 32_000)
        samples[0] = .nan
        let refused = try verdict(Recordings.wave(samples)) { $0.maxSeconds = 1 }
        #expect(refused == .rejected(reason: "too_long", message: "the recording lasts longer than 1.0 s"))
    }

    @Test func `a stream without a length is stopped when it gets too long`() throws {
        var bytes = try Recordings.fixture("flac16.flac")
        bytes[21] &= 0xF0
        for at in 22...25 { bytes[at] = 0 }
        #expect(
            try verdict(bytes) { $0.maxSeconds = 0.2 }
                == .rejected(reason: "too_long", message: "the recording lasts longer than 0.2 s"))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func `one bad sample ends the item`(_ value: Float) throws {
        var samples = [Float](repeating: 0.1, count: 16_000)
        samples[12_345] = value
        #expect(
            try verdict(Recordings.wave(samples, rate: 44_100))
                == .rejected(reason: "not_finite", message: "sample 12345 is not a finite number"))
    }

    @Test func `loud floats do not overflow in the mix`() throws {
        // The sum of two channels is infinite, their mean is not.
        let samples = (0..<32_000).map { $0 / 2 % 2 == 0 ? Float(3e38) : -3e38 }
        #expect(try passed(Recordings.wave(samples, channels: 2)).samples.allSatisfy { $0.magnitude == 3e38 })
    }

    @Test func `silence is judged by the loudest moment`() throws {
        #expect(
            try verdict(Recordings.tones([(0.0005, 440)]))
                == .rejected(
                    reason: "silent", message: "the loudest 20 ms are at -69.0 dBFS, silence is below -60.0 dBFS"))
        #expect(
            try verdict(Recordings.wave([Float](repeating: 0, count: 16_000)))
                == .rejected(
                    reason: "silent", message: "the loudest 20 ms are at -200.0 dBFS, silence is below -60.0 dBFS"))
        // An offset is not sound, but a word in a long pause is.
        #expect(try verdict(Recordings.wave([Float](repeating: 0.5, count: 16_000))).reason == "silent")
        var word = [Float](repeating: 0, count: 160_000)
        for index in 80_000..<81_000 { word[index] = 0.1 * Float(sin(Double(index))) }
        #expect(try passed(Recordings.wave(word)).samples.count == 160_000)
    }

    @Test func `clipping is counted in the source`() throws {
        // A quarter of the samples at full scale, from a rate that resampling moves them off.
        let samples = (0..<44_100).map { $0 % 4 == 0 ? Float(1) : 0.3 * Float(sin(Double($0))) }
        #expect(try passed(Recordings.wave(samples, rate: 44_100)).figures["clipping_ratio"] == 0.25)
    }

    @Test func `the offset is measured and kept`() throws {
        let samples = (0..<16_000).map { Float(0.1) + 0.2 * Float(sin(2 * Double.pi * 440 * Double($0) / 16_000)) }
        let (figures, cleaned) = try passed(Recordings.wave(samples))
        #expect(figures["dc_offset"] == 0.1)
        #expect(cleaned == samples)
    }

    @Test func `a rate too far off is unsupported`() throws {
        let bytes = Recordings.wave([Float](repeating: 0.1, count: 768_000), rate: 768_000)
        #expect(
            try verdict(bytes) { $0.sampleRate = 1000 }
                == .rejected(reason: "unsupported", message: "768000 Hz is too far from 1000 Hz to resample"))
    }

    @Test func `refusals of the decoder keep their reason`() throws {
        let samples = [Float](repeating: 0.1, count: 96_320)
        #expect(
            try verdict(Recordings.wave(samples, promised: 160_000))
                == .rejected(reason: "truncated", message: "the header promises 10.00 s, the file holds 6.02 s"))
        #expect(try verdict(Recordings.fixture("ima-adpcm.wav")).reason == "unsupported")
        var flac = try Recordings.fixture("flac16.flac")
        flac[flac.count / 2] ^= 0x55
        #expect(try verdict(flac).reason == "undecodable")
    }

    @Test func `a missing file is the machine's fault`() {
        var cleaner = AudioCleaner(DecodeOptions(CleanConfig()))
        do throws(Fault) {
            let verdict = try cleaner.verdict(for: "\(scratch.path)/nothing")
            Issue.record("a file that is not there has the verdict \(verdict)")
        } catch {
            #expect(error.kind == .missing)
        }
    }
}
