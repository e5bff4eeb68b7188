import Foundation
import Signal
import Testing

/// Parity with other implementations, number for number. Each test prints what it measured.
@Suite struct GoldenTests {
    let goldens: Goldens

    init() throws { goldens = try Goldens() }

    @Test(arguments: [
        "knf-fbank-default", "knf-fbank-mirrored", "knf-fbank-variant", "torchaudio-fbank-default",
        "torchaudio-fbank-mirrored",
    ])
    func `Kaldi's fbank matches its golden`(implementation: String) throws {
        var options = KaldiFbank.Options()
        if implementation.hasSuffix("mirrored") { options.frames.snipEdges = false }
        if implementation.hasSuffix("variant") {
            options.melBins = 40
            options.highFrequency = -400
            options.frames.window = .hamming
            options.frames.preemphasis = 0.9
            options.frames.frameLength = 20
            options.frames.frameShift = 12.5
        }
        let fbank = try KaldiFbank(options)
        for clip in goldens.clips(of: implementation) {
            let samples = try goldens.audio(clip)
            let features = fbank.features(of: samples.span)
            let peer = try goldens.table(implementation, clip)
            try #require(features.count == peer.values.count)
            #expect(fbank.frameCount(samples: samples.count) == peer.rows)

            let exact = ReferenceFeatures.kaldiFbank(samples, options)
            let threshold = (exact.max() ?? 0) - 12
            let parity = Parity(features, peer.values, exact) { exact[$0] >= threshold }
            let amplitudeError = amplitudeError(features, exact, bins: options.melBins)
            print("\(implementation)/\(clip): \(parity); amplitudes to exact \(amplitudeError)")
            #expect(parity.toPeer <= 3e-4)
            #expect(parity.toExact <= 5e-5)
            #expect(amplitudeError <= 1e-6)
        }
    }

    @Test(arguments: ["knf-mfcc-default", "knf-mfcc-variant", "torchaudio-mfcc-default"])
    func `Kaldi's MFCC matches its golden`(implementation: String) throws {
        var options = KaldiMFCC.Options()
        if implementation.hasSuffix("variant") {
            options.melBins = 30
            options.cepstra = 20
            options.useEnergy = false
            options.cepstralLifter = 0
        }
        let mfcc = try KaldiMFCC(options)
        for clip in goldens.clips(of: implementation) {
            let samples = try goldens.audio(clip)
            let features = mfcc.features(of: samples.span)
            let peer = try goldens.table(implementation, clip)
            try #require(features.count == peer.values.count)

            let exact = ReferenceFeatures.kaldiMFCC(samples, options)
            let all = Parity(features, peer.values, exact)
            print("\(implementation)/\(clip): \(all)")
            // Every cepstrum mixes all mel bins, including those far below the maximum; where there are none, parity is
            // tight.
            let clear = framesWithoutFaintBins(samples, options)
            let judged = { (index: Int) in clear[index / options.cepstra] }
            #expect(Parity(features, peer.values, exact, judged: judged).toPeer <= 1e-3)
            // The rest is bounded by the peer's own distance from the exact result.
            #expect(all.toExact <= 2 * all.peerToExact + 1e-4)
        }
    }

    /// Which frames have all their mel bins within 12 of the clip's maximum.
    private func framesWithoutFaintBins(_ samples: [Float], _ options: KaldiMFCC.Options) -> [Bool] {
        var fbank = KaldiFbank.Options()
        fbank.melBins = options.melBins
        let exact = ReferenceFeatures.kaldiFbank(samples, fbank)
        let threshold = (exact.max() ?? 0) - 12
        return stride(from: 0, to: exact.count, by: options.melBins).map { frame in
            exact[frame..<frame + options.melBins].allSatisfy { $0 >= threshold }
        }
    }

    @Test(arguments: [("openai-whisper-80", 80), ("openai-whisper-128", 128), ("librosa-whisper-80", 80)])
    func `Whisper's log-mel matches its golden`(implementation: String, bins: Int) throws {
        var options = WhisperLogMel.Options()
        options.melBins = bins
        let whisper = try WhisperLogMel(options)
        for clip in goldens.clips(of: implementation) {
            let samples = try goldens.audio(clip)
            let features = whisper.features(of: samples.span)
            let peer = try goldens.table(implementation, clip)
            try #require(features.count == peer.values.count)

            let exact = ReferenceFeatures.whisper(samples, bins: bins)
            let parity = Parity(features, peer.values, exact)
            print("\(implementation)/\(clip): \(parity)")
            #expect(parity.toPeer <= 1e-4)
        }
    }

    /// The largest error of a mel bin's amplitude, as a share of the largest amplitude in its frame.
    ///
    /// Far below a frame's maximum the logarithm shows the rounding of the transform, not of the bin: a good
    /// single-precision transform promises an error there that is small relative to the frame.
    private func amplitudeError(_ features: [Float], _ exact: [Double], bins: Int) -> Double {
        var worst = 0.0
        for frame in stride(from: 0, to: exact.count, by: bins) {
            let largest = exp((exact[frame..<frame + bins].max() ?? 0) / 2)
            for bin in frame..<frame + bins {
                worst = max(worst, abs(exp(Double(features[bin]) / 2) - exp(exact[bin] / 2)) / largest)
            }
        }
        return worst
    }
}

/// How far features are from a peer's and from the exact ones: the largest difference among the values compared.
struct Parity: CustomStringConvertible {
    private(set) var toPeer = 0.0
    private(set) var toExact = 0.0
    private(set) var peerToExact = 0.0

    init(_ features: [Float], _ peer: [Float], _ exact: [Double], judged: (Int) -> Bool = { _ in true }) {
        for index in exact.indices where judged(index) {
            toPeer = max(toPeer, Double(abs(features[index] - peer[index])))
            toExact = max(toExact, abs(Double(features[index]) - exact[index]))
            peerToExact = max(peerToExact, abs(Double(peer[index]) - exact[index]))
        }
    }

    var description: String { "to the peer \(toPeer), to the exact result \(toExact) (the peer \(peerToExact))" }
}
