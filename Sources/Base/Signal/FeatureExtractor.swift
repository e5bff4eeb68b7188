/// Turns the samples of a clip into one row of numbers per frame.
///
/// An extractor owns its tables and scratch memory: make one for each worker and use it for every clip. The same clip
/// gives the same bytes on every machine, whatever was extracted before it.
public protocol FeatureExtractor: AnyObject {
    /// Numbers in each frame's row.
    var bins: Int { get }

    /// Samples per second that the clip must have.
    var sampleRate: Int { get }

    /// The number of frames of a clip of `samples` samples; 0 if it is too short for one.
    func frameCount(samples: Int) -> Int

    /// Replaces the contents of `features` by float32 [frames, bins], row by row.
    ///
    /// - Parameter samples: mono audio, finite, full scale at ±1.
    func extract(_ samples: Span<Float>, into features: inout [Float])
}

extension FeatureExtractor {
    /// The features of one clip: float32 [frames, bins], row by row.
    public func features(of samples: Span<Float>) -> [Float] {
        var features: [Float] = []
        extract(samples, into: &features)
        return features
    }
}

/// Runs `body` over a clip's frames in groups of eight and gives it the rows to fill: the loop every extractor shares.
func forEachGroup(
    of samples: Span<Float>, reader: borrowing FrameReader, bins: Int, into features: inout [Float],
    body: (_ group: FrameGroup, _ frames: Int, _ rows: UnsafeMutablePointer<Float>) -> Void
) {
    let frames = reader.framing.frameCount(samples: samples.count)
    let size = frames * bins
    if features.count > size {
        features.removeLast(features.count - size)
    } else {
        features.append(contentsOf: repeatElement(0, count: size - features.count))
    }
    samples.withUnsafeBufferPointer { samples in
        features.withUnsafeMutableBufferPointer { features in
            guard let rows = features.baseAddress else { return }
            for first in stride(from: 0, to: frames, by: laneCount) {
                let count = min(laneCount, frames - first)
                body(reader.group(of: samples, from: first, frames: count), count, rows + first * bins)
            }
        }
    }
}
