import Foundation
import Signal
import Testing

@Suite struct ExtractorTests {
    @Test func `digital silence is the floor everywhere`() throws {
        let silence = [Float](repeating: 0, count: 16000)
        #expect(try KaldiFbank().features(of: silence.span).allSatisfy { $0 == -15.942385 })
        #expect(try WhisperLogMel().features(of: silence.span).allSatisfy { $0 == -1.5 })
    }

    @Test(arguments: [(399, 0), (400, 1), (401, 1), (559, 1), (560, 2), (16000, 98)])
    func `snipped frames are those that fit`(samples: Int, frames: Int) throws {
        let clip = [Float](repeating: 0.1, count: samples)
        #expect(try KaldiFbank().frameCount(samples: samples) == frames)
        #expect(try KaldiFbank().features(of: clip.span).count == 80 * frames)
        #expect(try KaldiMFCC().features(of: clip.span).count == 13 * frames)
    }

    @Test(arguments: [(0, 0), (79, 0), (80, 1), (239, 1), (240, 2), (16000, 100)])
    func `mirrored frames are one for each shift`(samples: Int, frames: Int) throws {
        var options = KaldiFbank.Options()
        options.frames.snipEdges = false
        let fbank = try KaldiFbank(options)
        let clip = [Float](repeating: 0.1, count: samples)
        #expect(fbank.frameCount(samples: samples) == frames)
        #expect(fbank.features(of: clip.span).count == 80 * frames)
    }

    @Test(arguments: [0, 1, 159, 160, 161, 200, 319, 320])
    func `Whisper takes any length`(samples: Int) throws {
        let clip = [Float](repeating: 0.1, count: samples)
        #expect(try WhisperLogMel().features(of: clip.span).count == 80 * (samples / 160))
    }

    @Test func `a frame does not depend on its neighbours`() throws {
        var noise = Noise(seed: 3)
        let clip = noise.samples(16000, amplitude: 0.3)
        let extractors: [any FeatureExtractor] = [try KaldiFbank(), try KaldiMFCC()]
        for extractor in extractors {
            let whole = extractor.features(of: clip.span)
            // Frame 5 alone, frame 5 as the second of two: different lanes of different groups, the same bits.
            let alone = extractor.features(of: clip[800..<1200].span)
            let second = extractor.features(of: clip[640..<1200].span)
            let bins = extractor.bins
            #expect(Array(whole[5 * bins..<6 * bins]) == alone)
            #expect(Array(second[bins...]) == alone)
        }
    }

    @Test(arguments: [1, 7, 8, 64])
    func `blocks have the rows of the whole`(frames: Int) throws {
        var noise = Noise(seed: 6)
        let clip = noise.samples(16000, amplitude: 0.3)
        var centred = KaldiFbank.Options()
        centred.frames.snipEdges = false
        let extractors: [any FeatureExtractor] = [
            try KaldiFbank(), try KaldiFbank(centred), try KaldiMFCC(), try WhisperLogMel(),
        ]
        for extractor in extractors {
            let whole = extractor.features(of: clip.span)
            let count = extractor.frameCount(samples: clip.count)
            var blocks: [[Float]] = []
            for first in stride(from: 0, to: count, by: frames) {
                blocks.append([])
                let block = first..<min(first + frames, count)
                extractor.extract(clip.span, frames: block, into: &blocks[blocks.count - 1])
            }
            let maximum = blocks.map { largest(of: $0.span) }.max() ?? 0
            for index in blocks.indices { extractor.finish(&blocks[index], maximum: maximum) }
            #expect(Array(blocks.joined()) == whole)
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 30])
    func `the largest number is found wherever it stands`(count: Int) {
        for place in 0..<count {
            let numbers = (0..<count).map { $0 == place ? Float(-1) : Float(-2 - $0) }
            #expect(largest(of: numbers.span) == -1)
            let withGap = numbers.map { $0 == -3 ? Float.nan : $0 }
            #expect(largest(of: withGap.span) == -1)
        }
        #expect(largest(of: [Float](repeating: .nan, count: count).span) == -.infinity)
    }

    @Test func `reused memory leaves no trace`() throws {
        var noise = Noise(seed: 4)
        let clips = [16000, 399, 640, 4000].map { noise.samples($0, amplitude: 0.3) }
        let extractors: [any FeatureExtractor] = [try KaldiFbank(), try KaldiMFCC(), try WhisperLogMel()]
        for extractor in extractors {
            let first = clips.map { extractor.features(of: $0.span) }
            var reused: [Float] = [1, 2, 3]
            for (clip, features) in zip(clips, first) {
                extractor.extract(clip.span, into: &reused)
                #expect(reused == features)
            }
        }
    }

    @Test func `other sample rates keep the definition`() throws {
        for rate in [8000, 22050, 44100] {
            var options = KaldiFbank.Options()
            options.frames.sampleRate = rate
            options.melBins = 23
            var noise = Noise(seed: UInt64(rate))
            let clip = noise.samples(rate / 10, amplitude: 0.3)
            let features = try KaldiFbank(options).features(of: clip.span)
            let exact = ReferenceFeatures.kaldiFbank(clip, options)
            #expect(features.count == exact.count)
            #expect(zip(features, exact).allSatisfy { abs(Double($0) - $1) < 1e-3 })
        }
    }

    @Test func `impossible options are named`() {
        var options = KaldiMFCC.Options()
        options.cepstra = 24
        let error = #expect(throws: OptionsError.self) { _ = try KaldiMFCC(options) }
        #expect(error?.message == "24 cepstra cannot be made of 23 mel bins: set 1 to 23")

        for change: (inout KaldiFbank.Options) -> Void in [
            { $0.melBins = 2 }, { $0.melBins = 4000 }, { $0.highFrequency = 9000 }, { $0.frames.sampleRate = 0 },
            { $0.frames.frameLength = 0.01 }, { $0.frames.frameShift = -1 }, { $0.frames.preemphasis = 1.5 },
        ] {
            var options = KaldiFbank.Options()
            change(&options)
            #expect(throws: OptionsError.self) { _ = try KaldiFbank(options) }
        }
    }

    @Test func `options are recorded under their configuration names`() throws {
        let json = try JSONEncoder().encode(KaldiMFCC.Options())
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "frames", "mel_bins", "low_freq", "high_freq", "num_ceps", "cepstral_lifter", "use_energy",
            ])
        #expect(try JSONDecoder().decode(KaldiMFCC.Options.self, from: json) == KaldiMFCC.Options())
    }

    /// A figure for the documentation, not a limit: how many seconds of audio one core turns into features each second.
    @Test func `throughput is printed`() throws {
        var noise = Noise(seed: 5)
        let seconds = 20
        let clip = noise.samples(seconds * 16000, amplitude: 0.3)
        let extractors: [any FeatureExtractor] = [try KaldiFbank(), try KaldiMFCC(), try WhisperLogMel()]
        for extractor in extractors {
            let expected = extractor.features(of: clip.span)
            var features = expected
            let best = (0..<5).map { _ in ContinuousClock().measure { extractor.extract(clip.span, into: &features) } }
                .min()
            #expect(features == expected)
            print("\(type(of: extractor)): \(Int(Double(seconds) / ((best ?? .zero) / .seconds(1)))) s/s on one core")
        }
        var quality: [AudioQuality] = []
        let best = (0..<5).map { _ in
            ContinuousClock().measure { quality.append(AudioQuality(of: clip.span, sampleRate: 16000)) }
        }.min()
        #expect(Set(quality).count == 1)
        print("AudioQuality: \(Int(Double(seconds) / ((best ?? .zero) / .seconds(1)))) s/s on one core")
    }
}
