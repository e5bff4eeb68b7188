import Foundation
import Signal
import Testing

@Suite struct AudioQualityTests {
    private func sine(_ hertz: Double, amplitude: Double, seconds: Double = 1, rate: Int = 16000) -> [Float] {
        (0..<Int(seconds * Double(rate))).map { Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
    }

    // `#expect` cannot take a span as an argument.
    private func signalToNoise(_ clip: [Float]) -> Double? { SignalToNoise.estimate(clip.span, sampleRate: 16000) }
    private func bandwidth(_ clip: [Float]) -> Double? { Bandwidth.measure(clip.span, sampleRate: 16000) }
    private func clipping(_ clip: [Float], threshold: Float = AudioQuality.clippingThreshold) -> Double {
        AudioQuality.clippingRatio(of: clip.span, threshold: threshold)
    }
    private func firstNonFinite(_ clip: [Float]) -> Int? { AudioQuality.firstNonFinite(in: clip.span) }

    @Test func `a sine has its levels`() {
        let quality = AudioQuality(of: sine(1000, amplitude: 0.5).span, sampleRate: 16000)
        #expect(abs(quality.peakDBFS - -6.0206) < 0.001)
        #expect(abs(quality.rmsDBFS - -9.0309) < 0.001)
        #expect(abs(quality.loudestDBFS - -9.0309) < 0.001)
        #expect(abs(quality.dcOffset) < 1e-6)
        #expect(quality.samples == 16000)
    }

    @Test func `the offset is the mean`() {
        let clip = sine(1000, amplitude: 0.1).map { $0 + 0.25 }
        let quality = AudioQuality(of: clip.span, sampleRate: 16000)
        #expect(abs(quality.dcOffset - 0.25) < 1e-6)
        // The offset is not sound.
        #expect(abs(quality.loudestDBFS - -23.01) < 0.01)
    }

    @Test func `digital silence has finite figures`() {
        for clip in [[Float](repeating: 0, count: 16000), []] {
            let quality = AudioQuality(of: clip.span, sampleRate: 16000)
            #expect(quality.peakDBFS == AudioQuality.digitalSilence)
            #expect(quality.rmsDBFS == AudioQuality.digitalSilence)
            #expect(quality.isSilent(belowDBFS: -100))
            #expect(quality.silenceRatio == 1)
            #expect(quality.snrDB == nil)
            #expect(quality.bandwidthHz == nil)
        }
    }

    @Test func `a constant is silent`() {
        let quality = AudioQuality(of: [Float](repeating: 0.4, count: 16000).span, sampleRate: 16000)
        #expect(quality.isSilent(belowDBFS: -100))
        #expect(abs(quality.peakDBFS - -7.96) < 0.01)
    }

    @Test func `one word in a long pause is not silence`() {
        let clip = [Float](repeating: 0, count: 160_000) + sine(300, amplitude: 0.01, seconds: 0.1)
        let quality = AudioQuality(of: clip.span, sampleRate: 16000)
        #expect(quality.rmsDBFS < -60)
        #expect(!quality.isSilent(belowDBFS: -60))
        #expect(quality.isSilent(belowDBFS: -40))
        // Ten seconds in frames of 20 ms, and then the word's five.
        #expect(abs(quality.silenceRatio - 500.0 / 505) < 1e-12)
        #expect(AudioQuality(of: clip.span, sampleRate: 16000, silenceDBFS: -40).silenceRatio == 1)
    }

    @Test func `clipping is the share at full scale`() {
        let clip = sine(1000, amplitude: 2).map { min(max($0, -1), 1) }
        // A sine of amplitude 2 is beyond ±1 for two thirds of the time.
        let ratio = clipping(clip)
        #expect(abs(ratio - 2.0 / 3) < 0.05)
        #expect(clipping(clip.map { $0 * 0.98 }) == 0)
        #expect(clipping(clip.map { $0 * 0.98 }, threshold: 0.975) > 0.6)
        #expect(clipping([Float]()) == 0)
        #expect(clipping([Float](repeating: Float(Int16.max) / 32768, count: 3)) == 1)
    }

    @Test func `samples that are not finite are found`() {
        var clip = sine(1000, amplitude: 0.5)
        #expect(firstNonFinite(clip) == nil)
        clip[15_999] = .infinity
        #expect(firstNonFinite(clip) == 15_999)
        clip[700] = .nan
        #expect(firstNonFinite(clip) == 700)
    }

    /// Eight samples are checked together: every position in and after a group of eight must be covered.
    @Test(arguments: 1...25)
    func `every place is looked at`(count: Int) {
        let quiet = (0..<count).map { Float($0) / 100 }
        for place in quiet.indices {
            for bad in [Float.infinity, -.infinity, .nan] {
                var clip = quiet
                clip[place] = bad
                #expect(firstNonFinite(clip) == place)
            }
            for loud in [Float(1), -1, AudioQuality.clippingThreshold, -AudioQuality.clippingThreshold] {
                var clip = quiet
                clip[place] = loud
                #expect(AudioQuality.clippedCount(in: clip.span) == 1)
            }
        }
        #expect(firstNonFinite(quiet) == nil)
        #expect(AudioQuality.clippedCount(in: quiet.span) == 0)
    }

    @Test func `one meter serves many clips`() {
        let meter = QualityMeter(sampleRate: 16000)
        let clips = [
            sine(1000, amplitude: 0.5), sine(3000, amplitude: 0.1, seconds: 0.11), [], sine(500, amplitude: 0.2),
            sine(300, amplitude: 0.2, seconds: 0.01),
        ]
        for clip in clips + clips.reversed() {
            let quality = meter.finish(clip.span, from: 0)
            #expect(quality == AudioQuality(of: clip.span, sampleRate: 16000))
        }
    }

    /// However a clip is cut into blocks, the figures are the same to the last bit.
    @Test(arguments: [1, 7, 100, 320, 1000, 4096, 100_000], [8000, 11025, 16000])
    func `blocks do not matter`(size: Int, rate: Int) {
        var noise = Noise(seed: 21)
        let clip = zip(sine(440, amplitude: 0.3, seconds: 2.3), noise.samples(36_800, amplitude: 0.05)).map { $0 + $1 }
        let meter = QualityMeter(sampleRate: rate)
        for end in stride(from: size, to: clip.count, by: size) {
            let first = meter.needed
            meter.add(clip.span.extracting(first..<end), from: first)
        }
        let first = meter.needed
        let quality = meter.finish(clip.span.extracting(first...), from: first)
        #expect(quality == AudioQuality(of: clip.span, sampleRate: rate))
        #expect(quality.samples == clip.count && quality.snrDB != nil && quality.bandwidthHz != nil)
    }

    @Test func `a clip that is given up leaves no trace`() {
        let meter = QualityMeter(sampleRate: 16000)
        meter.add(sine(3000, amplitude: 0.9).span, from: 0)
        meter.reset()
        let clip = sine(500, amplitude: 0.1)
        let quality = meter.finish(clip.span, from: 0)
        #expect(quality == AudioQuality(of: clip.span, sampleRate: 16000))
    }

    @Test(arguments: [5.0, 10, 20, 30, 40])
    func `the signal-to-noise ratio follows the truth`(decibels: Double) throws {
        // Bursts of a tone, half a second on and half off, in steady noise.
        var noise = Noise(seed: 11)
        let tone = sine(300, amplitude: 0.3, seconds: 10)
        let power = 0.3 * 0.3 / 2
        let amplitude = Float((3 * power / pow(10, decibels / 10)).squareRoot())  // uniform noise: power a²/3
        let clip = tone.enumerated().map { index, sample in
            (index / 8000 % 2 == 0 ? sample : 0) + noise.next() * amplitude
        }
        let estimate = try #require(signalToNoise(clip))
        #expect(abs(estimate - decibels) < 1.5)
    }

    @Test func `the signal-to-noise ratio has limits`() {
        var noise = Noise(seed: 12)
        let steady = signalToNoise(noise.samples(160_000, amplitude: 0.1))
        #expect((steady ?? 99) < 0)
        let gated = [Float](repeating: 0, count: 16000) + sine(300, amplitude: 0.3)
        #expect(signalToNoise(gated) == 100)
        #expect(signalToNoise(sine(300, amplitude: 0.3, seconds: 0.19)) == nil)
    }

    @Test func `the bandwidth of telephone speech ends below 4 kHz`() throws {
        let goldens = try Goldens()
        for clip in ["hello-world", "digits"] {
            let highest = try #require(bandwidth(try goldens.audio(clip)))
            print("bandwidth of \(clip): \(highest) Hz")
            #expect((3000...4100).contains(highest))
        }
        let noise = try #require(bandwidth(try goldens.audio("noise")))
        #expect(noise > 7900)
    }

    @Test(arguments: [500.0, 3000, 7000])
    func `a tone has its bandwidth`(hertz: Double) throws {
        var clip = sine(hertz, amplitude: 0.5)
        clip = clip.map { $0 + 0.1 }
        let highest = try #require(bandwidth(clip))
        #expect((hertz...hertz + 500).contains(highest))
        #expect(bandwidth(Array(clip[..<511])) == nil)
    }

    @Test func `figures have the ledger's names`() throws {
        let json = try JSONEncoder().encode(AudioQuality(of: sine(300, amplitude: 0.3).span, sampleRate: 16000))
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "samples", "peak_dbfs", "rms_dbfs", "loudest_dbfs", "silence_ratio", "dc_offset", "snr_db",
                "bandwidth_hz",
            ])
    }
}
