import Foundation
import Signal

/// `feature-bench KIND AUDIO LENGTHS REPEATS OUT`: our side of the computation-only contest.
///
/// AUDIO contains float32 clips at 16 kHz, one after the other; LENGTHS their lengths in samples, one per line. One
/// pass writes the features to OUT as float32 rows; REPEATS more are timed, and their median in seconds is printed as
/// JSON.
@main
enum FeatureBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let repeats = Int(arguments[4]), repeats > 0 else {
            throw OptionsError("feature-bench kaldi-fbank|whisper-mel AUDIO LENGTHS REPEATS OUT")
        }
        let extractor: any FeatureExtractor =
            arguments[1] == "whisper-mel" ? try WhisperLogMel() : try KaldiFbank()
        let clips = try clips(audio: arguments[2], lengths: arguments[3])

        var written = Data()
        var features: [Float] = []
        for clip in clips {
            extractor.extract(clip.span, into: &features)
            features.withUnsafeBytes { written.append(contentsOf: $0) }
        }
        try written.write(to: URL(fileURLWithPath: arguments[5]))

        let passes = (0..<repeats).map { _ in
            ContinuousClock().measure { for clip in clips { extractor.extract(clip.span, into: &features) } }
        }
        print("{\"seconds\": \(passes.sorted()[repeats / 2] / .seconds(1))}")
    }

    private static func clips(audio: String, lengths: String) throws -> [[Float]] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: audio))
        let samples = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        var clips: [[Float]] = []
        var start = 0
        for line in try String(contentsOfFile: lengths, encoding: .utf8).split(separator: "\n") {
            guard let length = Int(line), start + length <= samples.count else {
                throw OptionsError("the lengths do not fit the audio")
            }
            clips.append(Array(samples[start..<start + length]))
            start += length
        }
        return clips
    }
}
