/// Turns the samples of a clip into one row of numbers per frame.
///
/// An extractor owns its tables and scratch memory: make one per worker and use it for every clip. The same clip gives
/// the same bytes on every machine, regardless of earlier clips.
///
/// The rows of a long clip can be computed block by block, with the same bytes: call ``extract(_:frames:into:)`` for
/// each block, then ``finish(_:maximum:)`` if ``needsMaximum`` is true.
public protocol FeatureExtractor: AnyObject {
    /// Numbers in each frame's row.
    var bins: Int { get }

    /// Samples per second that the clip must have.
    var sampleRate: Int { get }

    /// Whether rows are final only after ``finish(_:maximum:)``.
    var needsMaximum: Bool { get }

    /// The number of frames of a clip of `samples` samples; 0 if it is too short for one.
    func frameCount(samples: Int) -> Int

    /// Replaces the contents of `rows` with float32 [frames.count, bins], row by row, for some of the clip's frames.
    ///
    /// - Parameter samples: the whole clip: mono audio, finite, full scale at ±1.
    func extract(_ samples: Span<Float>, frames: Range<Int>, into rows: inout [Float])

    /// Completes rows that depend on the whole clip.
    ///
    /// - Parameter maximum: the largest number in all rows of the clip before this step.
    func finish(_ rows: inout [Float], maximum: Float)
}

extension FeatureExtractor {
    /// Rows are final at once.
    public var needsMaximum: Bool { false }

    /// Leaves the rows unchanged.
    public func finish(_ rows: inout [Float], maximum: Float) {}

    /// Replaces the contents of `features` with float32 [frames, bins], row by row, for the whole clip.
    public func extract(_ samples: Span<Float>, into features: inout [Float]) {
        extract(samples, frames: 0..<frameCount(samples: samples.count), into: &features)
        if needsMaximum { finish(&features, maximum: largest(of: features.span)) }
    }

    /// The features of one clip: float32 [frames, bins], row by row.
    public func features(of samples: Span<Float>) -> [Float] {
        var features: [Float] = []
        extract(samples, into: &features)
        return features
    }
}

/// The largest number, ignoring NaN; −∞ if there is none.
public func largest(of numbers: Span<Float>) -> Float {
    numbers.withUnsafeBufferPointer { numbers in
        var largest = Lanes(repeating: -.infinity)
        let whole = numbers.count & ~(laneCount - 1)
        for start in stride(from: 0, to: whole, by: laneCount) {
            guard let base = numbers.baseAddress else { break }
            let next = UnsafeRawPointer(base + start).loadUnaligned(as: Lanes.self)
            largest.replace(with: next, where: next .> largest)
        }
        return numbers[whole...].reduce(largest.max()) { $1 > $0 ? $1 : $0 }
    }
}

/// Runs `body` over some of a clip's frames in groups of eight, passing the rows to fill: the loop that all extractors
/// share.
func forEachGroup(
    of samples: Span<Float>, frames: Range<Int>, reader: borrowing FrameReader, bins: Int, into rows: inout [Float],
    body: (_ group: FrameGroup, _ frames: Int, _ rows: UnsafeMutablePointer<Float>) -> Void
) {
    let size = frames.count * bins
    if rows.count > size {
        rows.removeLast(rows.count - size)
    } else {
        rows.append(contentsOf: repeatElement(0, count: size - rows.count))
    }
    samples.withUnsafeBufferPointer { samples in
        rows.withUnsafeMutableBufferPointer { rows in
            guard var row = rows.baseAddress else { return }
            for first in stride(from: frames.lowerBound, to: frames.upperBound, by: laneCount) {
                let count = min(laneCount, frames.upperBound - first)
                body(reader.group(of: samples, from: first, frames: count), count, row)
                row += count * bins
            }
        }
    }
}
