internal import BatchFormat
internal import Fault
internal import Signal
internal import Synchronization

/// One item's features, or why it has none.
enum ItemFeatures: Sendable {
    /// float32 [frames, bins], row by row; a waveform is [samples, 1].
    case made([Float], frames: Int, bins: Int)
    /// The clip does not hold a single frame.
    case tooShort(samples: Int)
    /// A feature is infinite or not a number, in this frame.
    case notFinite(frame: Int)
}

/// Computes items' features on several threads, each with tables and scratch memory of its own.
final class FeatureWorkers: Sendable {
    private final class Worker: Sendable {
        // An extractor is used by one thread at a time; its lock is there for the compiler to see that, and never waits.
        let extractor: Mutex<(any FeatureExtractor)?>
        init(_ extractor: sending (any FeatureExtractor)?) { self.extractor = Mutex(extractor) }
    }

    /// Numbers in each frame's row; 1 for a waveform.
    let bins: Int
    private let workers: [Worker]

    init(_ definition: FeatureDefinition, jobs: Int) throws(Fault) {
        bins = try definition.makeExtractor()?.bins ?? 1
        var workers: [Worker] = []
        for _ in 0..<max(jobs, 1) { workers.append(Worker(try definition.makeExtractor())) }
        self.workers = workers
    }

    /// The features of a clip, not normalised.
    func features(of samples: UnsafeBufferPointer<Float>, worker: Int) -> ItemFeatures {
        var features: [Float] = []
        workers[worker].extractor.withLock { extractor in
            if let extractor {
                extractor.extract(samples.span, into: &features)
            } else {
                features = Array(samples)
            }
        }
        if features.isEmpty { return .tooShort(samples: samples.count) }
        if let index = AudioQuality.firstNonFinite(in: features.span) { return .notFinite(frame: index / bins) }
        return .made(features, frames: features.count / bins, bins: bins)
    }
}

extension PartReader {
    /// Clean's samples of each item.
    func audio() throws(Fault) -> TensorFile { try tensors("audio.safetensors") }
}

extension TensorFile {
    /// An item's samples; damage if the file does not hold them as clean writes them.
    func samples(of id: ItemID) throws(Fault) -> UnsafeBufferPointer<Float> {
        guard let tensor = tensor(id) else { throw Fault(.damaged, "'\(path)' holds no samples of the item '\(id)'") }
        guard tensor.type == .float32, tensor.shape.count == 1 else {
            throw Fault(.damaged, "'\(path)' holds the item '\(id)' otherwise than as float32 [samples]")
        }
        return tensor.floats
    }
}
