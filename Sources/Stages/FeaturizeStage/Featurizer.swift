internal import Fault
internal import Signal
internal import Synchronization

/// Computes clips' features, for one thread. Long clips are processed in blocks, several times if necessary, so that
/// memory does not grow with a clip's length: recomputing features costs less than keeping them.
struct Featurizer {
    /// The largest number of values in a block of rows, and a fourth of the samples it covers: 4 MiB and 16 MiB, so that
    /// a clip of a minute is one block.
    static let blockFloats = 1 << 20

    /// Numbers in each frame's row; 1 for a waveform.
    let bins: Int
    private let extractor: (any FeatureExtractor)?
    private let blockFloats: Int

    init(_ definition: FeatureDefinition, blockFloats: Int) throws(Fault) {
        extractor = try definition.makeExtractor()
        bins = extractor?.bins ?? 1
        self.blockFloats = blockFloats
    }

    /// Examines a whole clip: whether it has features, and what each of its rows depends on.
    func examine(_ clip: ClipSamples) -> ItemFeatures {
        let frames = extractor?.frameCount(samples: clip.floats.count) ?? clip.floats.count
        guard frames > 0 else { return .tooShort(samples: clip.floats.count) }
        var maximum = -Float.infinity
        var rows: [Float] = []
        for block in blocks(frames, of: clip) {
            compute(block, of: clip, into: &rows)
            if let index = AudioQuality.firstNonFinite(in: rows.span) {
                return .notFinite(frame: block.lowerBound + index / bins)
            }
            if extractor?.needsMaximum == true { maximum = max(maximum, largest(of: rows.span)) }
        }
        guard rows.count == frames * bins else {
            return .made(ClipFeatures(frames: frames, bins: bins, maximum: maximum, rows: nil))
        }
        extractor?.finish(&rows, maximum: maximum)
        return .made(ClipFeatures(frames: frames, bins: bins, maximum: maximum, rows: rows))
    }

    /// Mean and standard deviation of each bin.
    func statistics(of features: ClipFeatures, _ clip: ClipSamples) -> FeatureStatistics {
        FeatureStatistics(bins: bins) { body in forEachBlock(of: features, clip) { body($0.span) } }
    }

    /// Passes a clip's rows to a closure, block by block.
    func forEachBlock<Failure: Error>(
        of features: ClipFeatures, _ clip: ClipSamples, _ body: (_ rows: [Float]) throws(Failure) -> Void
    ) throws(Failure) {
        if let rows = features.rows { return try body(rows) }
        var rows: [Float] = []
        for block in blocks(features.frames, of: clip) {
            compute(block, of: clip, into: &rows)
            extractor?.finish(&rows, maximum: features.maximum)
            features.normalizer?.apply(to: &rows)
            try body(rows)
        }
    }

    /// The frames of each block.
    private func blocks(_ frames: Int, of clip: ClipSamples) -> [Range<Int>] {
        let samplesOfEach = max(1, clip.floats.count / frames)
        let length = max(1, min(blockFloats / bins, 4 * blockFloats / samplesOfEach))
        return stride(from: 0, to: frames, by: length).map { $0..<min($0 + length, frames) }
    }

    private func compute(_ frames: Range<Int>, of clip: ClipSamples, into rows: inout [Float]) {
        if let extractor {
            extractor.extract(clip.floats.span, frames: frames, into: &rows)
        } else {
            rows.replaceSubrange(rows.indices, with: clip.floats[frames])
        }
        clip.release()
    }
}

/// A featurizer for each thread, with its own tables and scratch memory.
final class FeaturizerPool: Sendable {
    private final class Slot: Sendable {
        // Each featurizer is used by one thread at a time; the lock only proves that to the compiler, and never waits.
        let featurizer: Mutex<Featurizer>
        init(_ featurizer: sending Featurizer) { self.featurizer = Mutex(featurizer) }
    }

    /// Numbers in each frame's row; 1 for a waveform.
    let bins: Int
    private let slots: [Slot]

    /// Makes `threads` featurizers.
    init(_ definition: FeatureDefinition, threads: Int, blockFloats: Int) throws(Fault) {
        bins = try definition.makeExtractor()?.bins ?? 1
        var slots: [Slot] = []
        for _ in 0..<threads { slots.append(Slot(try Featurizer(definition, blockFloats: blockFloats))) }
        self.slots = slots
    }

    /// Calls a closure with a thread's featurizer.
    func use<Result: Sendable, Failure: Error>(
        _ thread: Int, _ body: (Featurizer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try slots[thread].featurizer.withLock { (featurizer) throws(Failure) in try body(featurizer) }
    }
}
